/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real files in the simulated table of descriptors: pipes, sockets of the AF_UNIX family, and whatever
 * else a program may wait for beside its simulated sockets.
 *
 * The simulator has a duplicate of each, asks the real kernel for its state, and waits in simulated time
 * until a call on it cannot block: then the call is passed.  Only another program's call can change that
 * state, so waiting ones are looked at after each call that was passed.  The duplicate goes with the
 * descriptors: it would keep a pipe open.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "exec/handed.h"
#include "exec/memory.h"
#include "exec/notify.h"
#include "exec/realfd.h"
#include "exec/status.h"
#include "exec/table.h"
#include "exec/terminal.h"
#include "exec/thread.h"

#define PIECE 65536U
/* While somebody polls input from outside, simulated time goes no faster than real time, in such steps. */
#define PACE_MS 50

struct realfd {
	struct exec *exec;
	struct kernel *kernel;
	int dup;      /* -1: a regular file, which never blocks */
	bool outside; /* the real world writes there: it is waited for in real time */
	bool socket;
	struct terminal *terminal; /* whose master it is; NULL: something else */
	pid_t signals_of; /* a signalfd: the process that looked at it first; 0: something else */
	dev_t device;     /* with the number: which file it is */
	ino_t number;
	struct attr *attr; /* NULL: no file of the machine's own */
	bool foreign; /* of a regular file: the real kernel would name another owner, or other dates */
	short last; /* its state when it was asked last */
	struct wait_queue sleepers;
	GList *asked; /* its link in exec->asked; NULL: nobody waits */
};

/* --- asking the real kernel ------------------------------------------------------------------- */

int real_own(const struct file *file) { return ((const struct realfd *)file->private)->dup; }

int real_dup(const struct thread *t, int fd) {
	return (int)syscall(SYS_pidfd_getfd, t->process->pidfd, fd, 0);
}

/* A signalfd asks for the signals of who asks, which is the simulator: so the program's are looked at. */
static short signals_state(const struct realfd *real) {
	g_autofree char *path = g_strdup_printf("/proc/self/fdinfo/%d", real->dup), *text = NULL;
	const char *line = NULL;

	if (g_file_get_contents(path, &text, NULL, NULL))
		line = strstr(text, "sigmask:");
	return line && status_pending(real->signals_of, real->signals_of) &
	                               g_ascii_strtoull(line + strlen("sigmask:"), NULL, 16)
	               ? POLLIN
	               : 0;
}

static short real_state(struct realfd *real) {
	struct pollfd pfd = {real->dup, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};

	if (real->dup < 0)
		return POLLIN | POLLOUT;
	if (real->signals_of)
		pfd.revents = signals_state(real);
	else
		poll(&pfd, 1, 0);
	if (real->terminal && terminal_has(real->terminal))
		pfd.revents |= POLLIN;
	real->last = pfd.revents;
	return pfd.revents;
}

static unsigned real_poll(struct file *file, struct poll_table *table) {
	struct realfd *real = file->private;

	if (real->dup < 0)
		return POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM;
	poll_wait(file, &real->sleepers, table);
	if (table && !real->asked) {
		real->exec->asked = g_list_prepend(real->exec->asked, real);
		real->asked = real->exec->asked;
		if (real->outside && !sim_pending(&real->exec->pace))
			sim_after(real->exec->sim, &real->exec->pace, PACE_MS * SIM_MS);
	}
	return (unsigned)real_state(real);
}

/* In real time, up to a number of milliseconds (-1: for ever). */
static void await_outside(const struct realfd *real, int ms) {
	struct pollfd pfd = {real->dup, POLLIN, 0};

	while (poll(&pfd, 1, ms) < 0 && errno == EINTR && ms < 0)
		;
}

void real_pace(void *arg) {
	struct exec *exec = arg;
	const struct realfd *waited = NULL;

	for (const GList *link = exec->asked; link; link = link->next) {
		const struct realfd *real = link->data;

		if (real->outside && wait_queue_active(&real->sleepers))
			waited = real;
	}
	if (!waited)
		return;
	await_outside(waited, PACE_MS);
	sim_after(exec->sim, &exec->pace, PACE_MS * SIM_MS);
	real_look(exec);
}

static void forget_asked(struct realfd *real) {
	if (real->asked)
		real->exec->asked = g_list_delete_link(real->exec->asked, real->asked);
	real->asked = NULL;
}

static void real_release(struct file *file) {
	struct realfd *real = file->private;

	forget_asked(real);
	if (real->terminal)
		terminal_put(real->terminal);
	if (real->dup >= 0)
		close(real->dup);
	/* It may have been a pipe's last end. */
	if (real->dup >= 0 && !cpu_halted(real->kernel))
		real_look(real->exec);
	g_free(real);
}

static const struct file_operations real_ops = {
	.poll = real_poll,
	.release = real_release,
};

static bool is_waited_for_change(const struct exec *exec) {
	for (guint i = 0; i < exec->machines->len; i++)
		if (wait_queue_active(&((const struct machine *)exec->machines->pdata[i])->changes))
			return true;
	return false;
}

bool real_is_looked_for(const struct exec *exec) {
	return exec->asked || exec->handed || exec->terminals->len || is_waited_for_change(exec);
}

void real_look(struct exec *exec) {
	exec->stirred = false;
	if (exec->handed)
		handed_look(exec);
	terminals_settle(exec);
	for (guint i = 0; i < exec->machines->len; i++) {
		struct machine *m = exec->machines->pdata[i];

		if (wait_queue_active(&m->changes))
			wake_up_all(m->kernel, &m->changes);
	}
	for (GList *link = exec->asked, *next; link; link = next) {
		struct realfd *real = link->data;
		short before = real->last;

		next = link->next;
		if (!wait_queue_active(&real->sleepers))
			forget_asked(real);
		else if (real_state(real) & ~before)
			wake_up(real->kernel, &real->sleepers);
	}
}

void real_used(struct file *file) {
	struct realfd *real = file->private;

	real->last = 0;
	if (real->terminal)
		terminal_used(real->terminal);
}

/* --- the table of descriptors ------------------------------------------------------------------- */

bool file_is_real(const struct file *file) { return file->ops == &real_ops; }

bool real_is_socket(const struct file *file) {
	return file_is_real(file) && ((const struct realfd *)file->private)->socket;
}

struct attr *real_attr(const struct file *file) {
	return ((const struct realfd *)file->private)->attr;
}

bool real_is_foreign(const struct file *file) {
	return ((const struct realfd *)file->private)->foreign;
}

bool real_is(const struct file *file, const struct stat *st) {
	const struct realfd *real = file->private;

	return real->device == st->st_dev && real->number == st->st_ino;
}

static bool is_signalfd(int dup) {
	char path[32], name[32] = "";

	g_snprintf(path, sizeof path, "/proc/self/fd/%d", dup);
	return readlink(path, name, sizeof name - 1) > 0 &&
	       g_str_equal(name, "anon_inode:[signalfd]");
}

/* What is known of a real descriptor, put beside the simulated ones; NULL: it is not open. */
static struct file *discover(struct thread *t, int fd) {
	const struct exec_program *program = t->process->program;
	struct file *file, *old;
	struct realfd *real;
	struct stat st;
	int dup = real_dup(t, fd);

	if (dup < 0)
		return NULL;
	if (fstat(dup, &st) < 0 || st.st_ino == exec_of(t)->placeholder_number) {
		close(dup); /* of a file that another thread is closing */
		return NULL;
	}
	real = g_new0(struct realfd, 1);
	real->exec = exec_of(t);
	real->kernel = kernel_of(t);
	real->dup = dup;
	wait_queue_init(&real->sleepers);
	real->device = st.st_dev;
	real->number = st.st_ino;
	if (S_ISREG(st.st_mode) || S_ISDIR(st.st_mode)) {
		real->attr = attr_of(program->machine, &st, dup);
		real->foreign = attr_differs(real->attr, &st);
		close(dup);
		real->dup = -1;
	}
	real->socket = S_ISSOCK(st.st_mode);
	if (S_ISCHR(st.st_mode))
		real->terminal = terminal_of(real->exec, real->kernel, dup);
	real->outside = program->input_outside && st.st_dev == program->input_device &&
	                st.st_ino == program->input_number;
	real->signals_of = is_signalfd(dup) ? t->process->pid : 0;
	file = file_new(kernel_of(t), &real_ops, O_RDWR);
	file->private = real;
	if (fd_install_at(t->task, fd, file, &old) < 0) {
		file_put(file);
		return NULL;
	}
	return file;
}

struct file *file_at(struct thread *t, int fd) {
	struct file *file = fd_file(t->task, fd);

	return file || fd < 0 ? file : discover(t, fd);
}

void real_forget_all(struct thread *t) {
	for (unsigned fd = 0; fd < fd_capacity(t->task); fd++) {
		const struct file *file = fd_file(t->task, (int)fd);

		if (file && file_is_real(file))
			file_put(fd_remove(t->task, (int)fd));
	}
}

int number_at(struct task *me, unsigned from) {
	struct thread *t = thread_of(me);

	if (from == 0)
		return place(t, -1, t->cloexec);
	for (int fd = (int)from; fd < (int)kernel_of(t)->conf.max_files; fd++) {
		int dup = fd_file(me, fd) ? -2 : real_dup(t, fd);

		if (dup == -1)
			return place(t, fd, t->cloexec);
		if (dup >= 0)
			close(dup);
	}
	return -EMFILE;
}

/* --- waiting ------------------------------------------------------------------------------------ */

bool real_never_blocks(const struct file *file, int mode) {
	const struct realfd *real = file->private;
	int flags = real->dup < 0 ? O_NONBLOCK : fcntl(real->dup, F_GETFL), can = flags & O_ACCMODE;

	/* What it is not open for fails at once. */
	return flags & O_NONBLOCK || (can != O_RDWR && can != mode);
}

bool real_can_wait(const struct file *file) {
	return ((const struct realfd *)file->private)->dup >= 0;
}

int real_wait(struct thread *t, struct file *file, short events) {
	struct realfd *real = file->private;
	int err;

	if (real->outside && events & POLLIN) {
		await_outside(real, -1);
		return 0;
	}
	file_get(file);
	if (!real->asked) {
		real->exec->asked = g_list_prepend(real->exec->asked, real);
		real->asked = real->exec->asked;
	}
	err = wait_event_interruptible(kernel_of(t), &real->sleepers, false,
	                               real_state(real) & (events | POLLHUP | POLLERR));
	file_put(file);
	return err;
}

/* A terminal knows no single call that does not wait.  Nobody else uses it at this moment. */
static ssize_t write_to_terminal(const struct realfd *real, const void *bytes, size_t len) {
	int flags = fcntl(real->dup, F_GETFL);
	ssize_t n;

	fcntl(real->dup, F_SETFL, flags | O_NONBLOCK);
	n = write(real->dup, bytes, len);
	if (n < 0)
		n = -errno;
	fcntl(real->dup, F_SETFL, flags);
	return n;
}

/* As much as goes without blocking: bytes, or a negative errno. */
static ssize_t write_some(const struct realfd *real, const void *bytes, size_t len) {
	struct iovec iov = {(void *)bytes, len};
	ssize_t n;

	/* A pipe that nobody reads would send the simulator a signal. */
	if (!real->socket && real->last & POLLERR)
		return -EPIPE;
	n = real->socket ? send(real->dup, bytes, len, MSG_DONTWAIT | MSG_NOSIGNAL)
	                 : pwritev2(real->dup, &iov, 1, -1, RWF_NOWAIT);

	if (n < 0 && errno == EOPNOTSUPP)
		return write_to_terminal(real, bytes, len);
	return n < 0 ? -errno : n;
}

int64_t real_write(struct thread *t, struct file *file, const struct iovec *iov, uint64_t n,
                   size_t len) {
	char *bytes = mem_buffer(t, len);

	return mem_gather(t, iov, n, bytes, len) ? -EFAULT : real_write_bytes(t, file, bytes, len);
}

int64_t real_write_bytes(struct thread *t, struct file *file, const char *bytes, size_t len) {
	struct realfd *real = file->private;
	size_t done = 0;
	ssize_t put = 0;

	while (done < len) {
		int err = real_wait(t, file, POLLOUT);

		if (err < 0)
			return done ? (int64_t)done : RESTART;
		/* A socket takes what it will, and a datagram whole. */
		put = write_some(real, bytes + done,
		                 real->socket ? len - done : MIN(len - done, PIECE));
		if (put < 0 && put != -EAGAIN)
			break;
		done += put > 0 ? (size_t)put : 0;
		real_used(file);
		real_look(real->exec);
		if (put == -EAGAIN) /* a pipe with room for less than a page */
			sys_nanosleep(t->task, SIM_MS);
	}
	if (put == -EPIPE && done == 0)
		send_sig(kernel_of(t), t->task, SIGPIPE);
	return done ? (int64_t)done : put;
}

struct terminal *real_terminal(const struct file *file) {
	return ((const struct realfd *)file->private)->terminal;
}

/* --- files made by the simulator --------------------------------------------------------------------------------------- */

static ssize_t random_read(struct file *file, const struct iovec *iov, size_t n) {
	const struct exec *exec = file->private;
	ssize_t sum = 0;

	for (size_t i = 0; i < n; i++)
		for (size_t b = 0; b < iov[i].iov_len; b++, sum++)
			((unsigned char *)iov[i].iov_base)[b] =
				(unsigned char)gsl_rng_uniform_int(exec->rng, 256);
	return sum;
}

static ssize_t random_write(struct file *file, const struct iovec *iov, size_t n) {
	(void)file;
	return (ssize_t)iov_length(iov, n);
}

static const struct file_operations random_ops = {.read = random_read, .write = random_write};

struct file *random_file(struct thread *t) {
	struct file *file = file_new(kernel_of(t), &random_ops, O_RDWR);

	file->private = exec_of(t);
	return file;
}

static ssize_t text_read(struct file *file, const struct iovec *iov, size_t n) {
	const char *text = file->private;
	size_t size = strlen(text), len = MIN(iov_length(iov, n), size - file->pos);

	iov_scatter(iov, n, 0, text + file->pos, len);
	file->pos += len;
	return (ssize_t)len;
}

static void text_release(struct file *file) { g_free(file->private); }

static const struct file_operations text_ops = {.read = text_read, .release = text_release};

struct file *text_file(struct thread *t, char *text) {
	struct file *file = file_new(kernel_of(t), &text_ops, O_RDONLY);

	file->private = text;
	return file;
}
