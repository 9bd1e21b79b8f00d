/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * select() and poll().  (epoll.c is of a later kernel.)
 *
 * Both ask every descriptor in passes.  On the first pass the caller joins the wait queues of all
 * that are not ready, on later ones it only asks; it leaves the queues at the end.  The table of
 * queue entries grows by chunks, since an entry must not move while it is queued.
 */
#include "host/file/file_syscalls.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "host/file/fd.h"

/* Enough for a program with a few sockets, on the caller's stack; then ever larger chunks. */
#define CHUNK_FIRST 16U
#define CHUNK_MORE 256U

struct poll_entry {
	struct wait_entry wait;
	struct wait_queue *wq;
	struct file *file; /* held while its queue is used; NULL for queues of inner sockets */
};

struct poll_chunk {
	struct poll_chunk *next;
	unsigned used, size;
	struct poll_entry entry[];
};

struct sleepers {
	struct poll_table table; /* first */
	struct task *task;
	bool joining; /* the first pass */
	unsigned used;
	struct poll_entry first[CHUNK_FIRST];
	struct poll_chunk *more;
};

/* What poll() answers for a file whose kind has no poll operation: it never blocks. */
#define DEFAULT_POLLMASK (POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM)

/* --- the table ---------------------------------------------------------------------------- */

static struct poll_entry *sleepers_take(struct sleepers *table) {
	struct poll_chunk *chunk = table->more;

	if (table->used < CHUNK_FIRST)
		return &table->first[table->used++];
	if (!chunk || chunk->used == chunk->size) {
		unsigned size = chunk ? chunk->size * 2 : CHUNK_MORE;
		chunk = g_malloc(sizeof *chunk + size * sizeof *chunk->entry);
		chunk->used = 0;
		chunk->size = size;
		chunk->next = table->more;
		table->more = chunk;
	}
	return &chunk->entry[chunk->used++];
}

static void poll_entry_leave(struct poll_entry *entry) {
	remove_wait_queue(entry->wq, &entry->wait);
	if (entry->file)
		file_put(entry->file);
}

/* Leaves all queues.  Also run when a task that sleeps here is unwound at the end of the run. */
static void sleepers_clear(struct sleepers *table) {
	struct poll_chunk *chunk;

	while (table->used > 0)
		poll_entry_leave(&table->first[--table->used]);
	while ((chunk = table->more)) {
		for (unsigned i = 0; i < chunk->used; i++)
			poll_entry_leave(&chunk->entry[i]);
		table->more = chunk->next;
		g_free(chunk);
	}
}

static void sleepers_join(struct poll_table *poll, struct file *file, struct wait_queue *wq) {
	struct sleepers *table = (struct sleepers *)poll;
	struct poll_entry *entry = sleepers_take(table);

	entry->wq = wq;
	entry->file = file;
	if (file)
		file_get(file);
	wait_entry_init(&entry->wait, table->task);
	add_wait_queue(wq, &entry->wait);
}

static void sleepers_init(struct sleepers *table, struct task *me) {
	table->table.join = sleepers_join;
	table->task = me;
	table->joining = true;
	table->used = 0;
	table->more = NULL;
}

void poll_wait(struct file *file, struct wait_queue *wq, struct poll_table *table) {
	if (table && wq)
		table->join(table, file, wq);
}

/* Asks one file, and waits on it too unless something that does not sleep was found before. */
static unsigned file_poll(struct file *file, struct sleepers *table) {
	charge(file->kernel, COST_POLL, 0);
	if (!file->ops->poll)
		return DEFAULT_POLLMASK;
	return file->ops->poll(file, table->joining ? &table->table : NULL);
}

/* One look at all, of which the first joins the wait queues. */
static int ask(int (*scan)(struct sleepers *table, void *arg), struct sleepers *table, void *arg) {
	int ready = scan(table, arg);

	table->joining = false;
	return ready;
}

/*
 * The loop of both calls: asks all through `scan` until something is ready, the time is up or a
 * signal came.  Returns how many are ready; *timeout becomes what is left.
 */
static int poll_loop(struct task *me, int (*scan)(struct sleepers *table, void *arg), void *arg,
                     sim_time *timeout) {
	struct kernel *k = task_kernel(me);
	struct sleepers table __attribute__((cleanup(sleepers_clear)));
	int ready;

	sleepers_init(&table, me);
	wait_until(me, TASK_INTERRUPTIBLE, (ready = ask(scan, &table, arg)) != 0,
	           wait_cut(me, *timeout), *timeout = schedule_timeout(k, *timeout));
	sleepers_clear(&table);
	/* A program that asks without waiting, over and over, must see time pass. */
	cpu_settle(k);
	if (!ready && signal_pending(me))
		return -EINTR;
	return ready;
}

/* --- poll() ------------------------------------------------------------------------------- */

struct poll_args {
	struct pollfd *fds;
	unsigned n;
};

static short poll_one(struct sleepers *table, const struct pollfd *pfd) {
	struct file *file;
	unsigned mask;

	if (pfd->fd < 0)
		return 0;
	file = fd_file(table->task, pfd->fd);
	if (!file)
		return POLLNVAL;
	mask = file_poll(file, table);
	return (short)(mask & ((unsigned short)pfd->events | POLLERR | POLLHUP));
}

static int poll_scan(struct sleepers *table, void *arg) {
	struct poll_args *args = arg;
	int ready = 0;

	for (unsigned i = 0; i < args->n; i++) {
		args->fds[i].revents = poll_one(table, &args->fds[i]);
		if (args->fds[i].revents) {
			ready++;
			table->joining = false; /* this call will not sleep any more */
		}
	}
	return ready;
}

int sys_poll(struct task *me, struct pollfd *fds, unsigned n, int timeout_ms) {
	struct kernel *k = task_kernel(me);
	struct poll_args args = {.fds = fds, .n = n};
	sim_time timeout = timeout_ms < 0 ? SIM_NEVER : kernel_ticks_least(k, timeout_ms * SIM_MS);
	int ret;

	syscall_enter(me);
	if (n > MAX(k->conf.max_files, 256U)) {
		ret = -EINVAL;
	} else if (n && !fds) {
		ret = -EFAULT;
	} else {
		ret = poll_loop(me, poll_scan, &args, &timeout);
	}
	syscall_exit(me);
	return ret;
}

/* --- select() ----------------------------------------------------------------------------- */

#define POLLIN_SET (POLLRDNORM | POLLRDBAND | POLLIN | POLLHUP | POLLERR)
#define POLLOUT_SET (POLLWRBAND | POLLWRNORM | POLLOUT | POLLERR)
#define POLLEX_SET (POLLPRI)

#define LONG_BITS ((unsigned)(8 * sizeof(unsigned long)))

enum { SET_IN, SET_OUT, SET_EX, SETS };

/*
 * The sets are arrays of unsigned long of whatever length the program has made them, as for the
 * kernel: n may be larger than FD_SETSIZE.
 */
struct select_args {
	unsigned n;
	const unsigned long *asked[SETS]; /* NULL: not given */
	unsigned long *found[SETS];
};

static const unsigned set_masks[SETS] = {POLLIN_SET, POLLOUT_SET, POLLEX_SET};

static size_t set_words(unsigned n) { return (n + LONG_BITS - 1) / LONG_BITS; }

static unsigned long asked_word(const struct select_args *args, size_t word) {
	unsigned long bits = 0;

	for (int s = 0; s < SETS; s++)
		if (args->asked[s])
			bits |= args->asked[s][word];
	if (word == args->n / LONG_BITS)
		bits &= ~(~0UL << (args->n % LONG_BITS));
	return bits;
}

/* One past the highest descriptor asked for; -EBADF if one is not open (max_select_fd()). */
static int select_highest(struct task *me, const struct select_args *args) {
	int highest = 0;

	for (size_t w = 0; w < set_words(args->n); w++)
		for (unsigned long bits = asked_word(args, w); bits; bits &= bits - 1) {
			int fd = (int)(w * LONG_BITS) + __builtin_ctzl(bits);
			if (!fd_file(me, fd))
				return -EBADF;
			highest = fd + 1;
		}
	return highest;
}

static int select_one(struct sleepers *table, struct select_args *args, unsigned fd) {
	struct file *file = fd_file(table->task, (int)fd);
	unsigned long bit = 1UL << (fd % LONG_BITS);
	size_t word = fd / LONG_BITS;
	int ready = 0;
	unsigned mask;

	mask = file ? file_poll(file, table) : 0;
	for (int s = 0; s < SETS; s++) {
		if (!args->asked[s] || !(args->asked[s][word] & bit) || !(mask & set_masks[s]))
			continue;
		args->found[s][word] |= bit;
		ready++;
	}
	if (ready)
		table->joining = false;
	return ready;
}

static int select_scan(struct sleepers *table, void *arg) {
	struct select_args *args = arg;
	int ready = 0;

	for (size_t w = 0; w < set_words(args->n); w++)
		for (unsigned long bits = asked_word(args, w); bits; bits &= bits - 1)
			ready += select_one(table, args,
			                    (unsigned)w * LONG_BITS +
			                            (unsigned)__builtin_ctzl(bits));
	return ready;
}

static int select_run(struct task *me, int n, fd_set *sets[SETS], sim_time *timeout) {
	unsigned room = MAX(fd_capacity(me), (unsigned)FD_SETSIZE);
	size_t words = set_words(MIN((unsigned)n, room));
	unsigned long few[SETS * (FD_SETSIZE / LONG_BITS)] = {0};
	g_autofree unsigned long *many =
		SETS * words > G_N_ELEMENTS(few) ? g_new0(unsigned long, SETS *words) : NULL;
	unsigned long *found = many ? many : few;
	struct select_args args = {.n = MIN((unsigned)n, room)};
	int ret;

	for (int s = 0; s < SETS; s++) {
		args.asked[s] = (const unsigned long *)sets[s];
		args.found[s] = found + (size_t)s * words;
	}
	ret = select_highest(me, &args);
	if (ret >= 0) {
		args.n = MIN(args.n, (unsigned)ret);
		ret = poll_loop(me, select_scan, &args, timeout);
	}
	for (int s = 0; s < SETS && ret >= 0; s++)
		if (sets[s])
			memcpy(sets[s], args.found[s], words * sizeof *found);
	return ret;
}

static sim_time timeval_time(const struct timeval *tv) {
	if (tv->tv_sec >= SIM_NEVER / SIM_S - 1)
		return SIM_NEVER;
	return tv->tv_sec * SIM_S + MIN(tv->tv_usec, INT_MAX) * SIM_US;
}

int sys_select(struct task *me, int n, fd_set *in, fd_set *out, fd_set *ex, struct timeval *tv) {
	fd_set *sets[SETS] = {in, out, ex};
	sim_time timeout = SIM_NEVER;
	int ret;

	syscall_enter(me);
	if (n < 0 || (tv && (tv->tv_sec < 0 || tv->tv_usec < 0))) {
		ret = -EINVAL;
	} else {
		if (tv)
			timeout = timeval_time(tv);
		ret = select_run(me, n, sets, &timeout);
		/* Linux shows what is left of the time, also after a signal. */
		if (tv && ret != -EBADF && timeout != SIM_NEVER) {
			tv->tv_sec = timeout / SIM_S;
			tv->tv_usec = timeout % SIM_S / SIM_US;
		}
	}
	syscall_exit(me);
	return ret;
}
