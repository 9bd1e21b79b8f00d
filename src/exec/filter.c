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
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/sandbox.h"
#include "exec/table.h"

#define X32_BIT 0x40000000U
#define FIELD(name) (uint32_t) offsetof(struct seccomp_data, name)
/* The comparisons' jumps have 8 bits, and half of the instructions are behind one. */
#define MOST_EDGES 250U

/* The numbers at which calls begin to be allowed, and cease to be, in turn: how many. */
static unsigned find_edges(uint32_t *edges) {
	unsigned n = 0;

	for (int nr = 0; nr < NUMBERS_MOST; nr++) {
		const struct call_row *row = call_row(nr);
		bool allowed = row && row->class == CLASS_ALLOWED;

		if (allowed != n % 2) {
			g_assert(n < MOST_EDGES);
			edges[n++] = (uint32_t)nr;
		}
	}
	return n;
}

/* A search among the edges from `low` on, below `high`: the loaded number is behind all before them, and before all
 * after them.  Returns the instructions that it took. */
static unsigned add_search(struct sock_filter *out, const uint32_t *edges, unsigned low,
                           unsigned high) {
	unsigned middle = (low + high) / 2, left;

	if (low == high) {
		*out = (struct sock_filter)BPF_STMT(
			BPF_RET | BPF_K, low % 2 ? SECCOMP_RET_ALLOW : SECCOMP_RET_USER_NOTIF);
		return 1;
	}
	left = add_search(out + 1, edges, low, middle);
	*out = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, edges[middle], (uint8_t)left,
	                                    0);
	return 1 + left + add_search(out + 1 + left, edges, middle + 1, high);
}

/* The numbers that the rows tell apart, but for these: a page that may be read and written loses no right. */
static unsigned add_calls(struct sock_filter *out) {
	static const struct sock_filter rights[] = {
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mmap, 1, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_mprotect, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(args[2])),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, PROT_READ | PROT_WRITE),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, PROT_READ | PROT_WRITE, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	uint32_t edges[MOST_EDGES];
	unsigned n = G_N_ELEMENTS(rights);

	memcpy(out, rights, sizeof rights);
	return n + add_search(out + n, edges, 0, find_edges(edges));
}

int filter_install(void) {
	struct sock_filter code[2 * MOST_EDGES + 16] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AUDIT_ARCH_X86_64, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, FIELD(nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, X32_BIT, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
	};
	struct sock_fprog program = {.filter = code};

	program.len = (unsigned short)(6 + add_calls(code + 6));
	return (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
	                    SECCOMP_FILTER_FLAG_NEW_LISTENER |
	                            SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
	                    &program);
}
