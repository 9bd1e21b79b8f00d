/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run is a process that ends at once: here not before it has written what it counted. */
#include <sys/syscall.h>
#include <unistd.h>

void __gcov_dump(void);

void _exit(int status) {
	__gcov_dump();
	for (;;)
		syscall(SYS_exit_group, status);
}
