/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The filter that has a program's calls notified: made of the table of calls.  What the table allows goes
 * straight to the real kernel; a call of another architecture ends the program; all others, unknown ones
 * too, are notified.
 */
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/sandbox.h"
#include "exec/table.h"

#define X32_BIT 0x40000000U
#define FIELD(name) (uint32_t) offsetof(struct seccomp_data, name)
/* The comparisons' jumps have 8 bits. */
#define MOST_ALLOWED 250U

static unsigned add_allowed(struct sock_filter *out) {
	size_t n_rows;
	const struct call_row *rows = rows_all(&n_rows);
	unsigned n = 0, allowed = 0;

	for (size_t i = 0; i < n_rows; i++)
		allowed += rows[i].class == CLASS_ALLOWED;
	g_assert(allowed < MOST_ALLOWED);
	for (size_t i = 0; i < n_rows; i++)
		if (rows[i].class == CLASS_ALLOWED) {
			out[n] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
			                                      (uint32_t)rows[i].nr,
			                                      (uint8_t)(allowed - n), 0);
			n++;
		}
	out[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF);
	out[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return n;
}

int filter_install(void) {
	struct sock_filter code[MOST_ALLOWED + 8] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = {.filter = code};

	program.len = (unsigned short)(6 + add_allowed(code + 6));
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	                    SECCOMP_FILTER_FLAG_NEW_LISTENER |
	                            SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	                    &program);
}
