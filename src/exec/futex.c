/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * futex(): threads sleep in simulated time on words of their memory, which a process's threads share, or
 * of a mapping that several processes share.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/futex.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "exec/calls.h"
#include "exec/futex.h"
#include "exec/memory.h"

/* Names a mapping, not a process's memory. */
#define SHARED (UINT64_C(1) << 63)

/* A sleeper: on a word's list from its call to its wake-up. */
struct sleeper {
	struct wait_queue queue; /* it is alone there */
	struct word *word;
	uint32_t bits;
	bool woken;
};

struct word {
	uint64_t mm, addr; /* the key */
	struct kernel *kernel;
	GQueue sleepers; /* struct sleeper, in order */
};

static guint word_hash(gconstpointer key) {
	const struct word *word = key;

	return (guint)(word->addr >> 2 ^ word->mm * 2654435761U);
}

static gboolean word_equal(gconstpointer a, gconstpointer b) {
	const struct word *x = a, *y = b;

	return x->mm == y->mm && x->addr == y->addr;
}

void futex_init(struct exec *exec) {
	exec->futexes = g_hash_table_new_full(word_hash, word_equal, g_free, NULL);
}

void futex_exit(struct exec *exec) { g_hash_table_unref(exec->futexes); }

/* Memory that processes share is named by what is mapped there, and where in it. */
static struct word word_key(const struct thread *t, uint64_t addr) {
	struct word key = {.mm = t->process->mm, .addr = addr};
	g_autofree char *path = NULL, *text = NULL;
	uint64_t from, to, offset, inode;
	char perms[8];

	if (!t->shares)
		return key;
	path = g_strdup_printf("/proc/%d/maps", t->process->pid);
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return key;
	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %7s %" SCNx64 " %*s %" SCNu64, &from, &to,
		           perms, &offset, &inode) != 5 ||
		    addr < from || addr >= to)
			continue;
		if (perms[3] == 's')
			key = (struct word){.mm = SHARED | inode, .addr = offset + addr - from};
		break;
	}
	return key;
}

/* NULL: nobody sleeps there, unless it is to be made. */
static struct word *word_at(const struct thread *t, uint64_t addr, bool make) {
	struct word key = word_key(t, addr), *word;

	word = g_hash_table_lookup(exec_of(t)->futexes, &key);
	if (word || !make)
		return word;
	word = g_new(struct word, 1);
	*word = key;
	word->kernel = kernel_of(t);
	g_queue_init(&word->sleepers);
	g_hash_table_add(exec_of(t)->futexes, word);
	return word;
}

static void word_drop_empty(struct exec *exec, struct word *word) {
	if (!word->sleepers.length)
		g_hash_table_remove(exec->futexes, word);
}

/* --- waking ----------------------------------------------------------------------------------- */

static int wake(struct thread *t, uint64_t addr, int most, uint32_t bits) {
	struct word *word = word_at(t, addr, false);
	int n = 0;

	if (!word)
		return 0;
	for (GList *link = word->sleepers.head, *next; link && n < most; link = next) {
		struct sleeper *sleeper = link->data;

		next = link->next;
		if (!(sleeper->bits & bits))
			continue;
		sleeper->woken = true;
		g_queue_delete_link(&word->sleepers, link);
		wake_up(word->kernel, &sleeper->queue);
		n++;
	}
	word_drop_empty(exec_of(t), word);
	return n;
}

void futex_wake_all(struct thread *t, uint64_t addr) {
	t->shares = false;
	wake(t, addr, INT_MAX, FUTEX_BITSET_MATCH_ANY);
}

/* The first `most` are woken, up to `moved` of the rest sleep at `to` from now on. */
static int requeue(struct thread *t, uint64_t from, int most, uint64_t to, int moved) {
	int n = wake(t, from, most, FUTEX_BITSET_MATCH_ANY);
	struct word *word = word_at(t, from, false), *other;

	if (!word || from == to)
		return n;
	other = word_at(t, to, true);
	for (; moved > 0 && word->sleepers.length; moved--, n++) {
		struct sleeper *sleeper = g_queue_pop_head(&word->sleepers);

		sleeper->word = other;
		g_queue_push_tail(&other->sleepers, sleeper);
	}
	word_drop_empty(exec_of(t), other);
	word_drop_empty(exec_of(t), word);
	return n;
}

/* --- sleeping --------------------------------------------------------------------------------- */

/* Until it is woken, `left` is over, or a signal comes. */
static int64_t sleep_on(struct thread *t, uint64_t addr, uint32_t bits, sim_time left) {
	struct sleeper sleeper = {.word = word_at(t, addr, true), .bits = bits};
	struct kernel *k = kernel_of(t);
	int cut;

	g_queue_push_tail(&sleeper.word->sleepers, &sleeper);
	cut = wait_event_interruptible_timeout(k, &sleeper.queue, false, sleeper.woken, &left);
	if (sleeper.woken)
		return 0;
	g_queue_remove(&sleeper.word->sleepers, &sleeper);
	word_drop_empty(exec_of(t), sleeper.word);
	return cut == -EAGAIN ? -ETIMEDOUT : RESTART;
}

static int64_t wait_at(struct thread *t, const uint64_t *arg, bool absolute, uint32_t bits) {
	int clock = arg[1] & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC;
	sim_time left = SIM_NEVER;
	uint32_t value;
	int err = 0;

	if (!bits)
		return -EINVAL;
	if (arg[3])
		err = absolute ? read_date(t, arg[3], clock, &left)
		               : read_timespec(t, arg[3], &left);
	if (err < 0)
		return err;
	if (mem_read(t, arg[0], &value, sizeof value))
		return -EFAULT;
	if (value != (uint32_t)arg[2])
		return -EAGAIN;
	return sleep_on(t, arg[0], bits, left);
}

static bool compares(uint32_t op, uint32_t old, uint32_t with) {
	switch (op) {
	case FUTEX_OP_CMP_EQ:
		return old == with;
	case FUTEX_OP_CMP_NE:
		return old != with;
	case FUTEX_OP_CMP_LT:
		return (int32_t)old < (int32_t)with;
	case FUTEX_OP_CMP_LE:
		return (int32_t)old <= (int32_t)with;
	case FUTEX_OP_CMP_GT:
		return (int32_t)old > (int32_t)with;
	default:
		return (int32_t)old >= (int32_t)with;
	}
}

static uint32_t operated(uint32_t op, uint32_t old, uint32_t with) {
	switch (op & 7U) {
	case FUTEX_OP_SET:
		return with;
	case FUTEX_OP_ADD:
		return old + with;
	case FUTEX_OP_OR:
		return old | with;
	case FUTEX_OP_ANDN:
		return old & ~with;
	default:
		return old ^ with;
	}
}

static int64_t wake_op(struct thread *t, const uint64_t *arg) {
	uint32_t code = (uint32_t)arg[5], op = code >> 28, with = code >> 12 & 0xfff, old, new;
	int64_t n;

	if (op & FUTEX_OP_OPARG_SHIFT)
		with = 1U << (with & 31U);
	if (mem_read(t, arg[4], &old, sizeof old))
		return -EFAULT;
	new = operated(op, old, with);
	if (mem_write(t, arg[4], &new, sizeof new))
		return -EFAULT;
	n = wake(t, arg[0], (int)arg[2], FUTEX_BITSET_MATCH_ANY);
	if (compares(code >> 24 & 0xf, old, code & 0xfff))
		n += wake(t, arg[4], (int)arg[3], FUTEX_BITSET_MATCH_ANY);
	return n;
}

int64_t exec_futex(struct thread *t, const uint64_t *arg) {
	uint32_t value;

	t->shares = !(arg[1] & FUTEX_PRIVATE_FLAG);
	switch (arg[1] & FUTEX_CMD_MASK) {
	case FUTEX_WAIT:
		return wait_at(t, arg, false, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAIT_BITSET:
		return wait_at(t, arg, true, (uint32_t)arg[5]);
	case FUTEX_WAKE:
		return wake(t, arg[0], (int)arg[2], FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return wake(t, arg[0], (int)arg[2], (uint32_t)arg[5]);
	case FUTEX_CMP_REQUEUE:
		if (mem_read(t, arg[0], &value, sizeof value))
			return -EFAULT;
		if (value != (uint32_t)arg[5])
			return -EAGAIN;
		/* fall through */
	case FUTEX_REQUEUE:
		return requeue(t, arg[0], (int)arg[2], arg[4], (int)arg[3]);
	case FUTEX_WAKE_OP:
		return wake_op(t, arg);
	default:
		return -ENOSYS; /* those with priority inheritance */
	}
}
