/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Timers that later kernels have: timerfd, a descriptor that tells how often it went off, and POSIX
 * timers, which send signals.  They go off at 2.4's ticks, and count by their exact dates: a period of a
 * millisecond is ten times over at each tick.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/realfd.h"
#include "exec/signals.h"
#include "exec/thread.h"

#define TIMERS_MOST 1024U

/* What both are made of. */
struct clockwork {
	struct kernel *kernel;
	struct sim_event event;
	int clock;
	sim_time date;   /* when it goes off next, exactly; SIM_NEVER: it is not set */
	sim_time period; /* 0: once */
};

static bool clock_is_known(int clock) { return clock >= 0 && clock <= CLOCK_TAI; }

/* At the first tick that is not before its date. */
static void clockwork_wind(struct clockwork *c) {
	sim_time tick = kernel_last_tick(c->kernel);

	sim_cancel(c->kernel->sim, &c->event);
	if (c->date != SIM_NEVER)
		sim_at(c->kernel->sim, &c->event,
		       tick + kernel_ticks(c->kernel, MAX(c->date - tick, 0)));
}

/* How often it has gone off; it goes on if it is to. */
static uint64_t clockwork_went_off(struct clockwork *c) {
	sim_time over = sim_now(c->kernel->sim) - c->date;
	uint64_t n = c->period ? 1 + (uint64_t)(over / c->period) : 1;

	c->date = c->period ? c->date + (sim_time)n * c->period : SIM_NEVER;
	clockwork_wind(c);
	return n;
}

/* A struct itimerspec of the program's: 0 or a negative errno. */
static int clockwork_read(struct thread *t, struct clockwork *c, uint64_t addr, bool absolute) {
	uint64_t value = addr + offsetof(struct itimerspec, it_value);
	sim_time period, left = 0, time;
	int err = read_timespec(t, addr, &period);

	if (!err)
		err = read_timespec(t, value, &time);
	if (!err && time && absolute)
		err = read_date(t, value, c->clock, &left);
	if (err)
		return err;
	if (!absolute)
		left = time;
	c->period = period == SIM_NEVER ? 0 : period;
	/* Those that count processor time never go off. */
	c->date = time == 0 || left == SIM_NEVER || !clock_runs(c->clock)
	                  ? SIM_NEVER
	                  : sim_now(c->kernel->sim) + left;
	return 0;
}

static int clockwork_write(const struct thread *t, const struct clockwork *c, uint64_t addr) {
	sim_time left = c->date == SIM_NEVER ? 0 : MAX(c->date - sim_now(c->kernel->sim), SIM_NS);
	struct itimerspec value = {{c->period / SIM_S, c->period % SIM_S / SIM_NS},
	                           {left / SIM_S, left % SIM_S / SIM_NS}};

	return addr ? mem_write(t, addr, &value, sizeof value) : 0;
}

/* Sets it as the program says, and tells it what was: 0 or a negative errno. */
static int clockwork_set(struct thread *t, struct clockwork *c, const uint64_t *arg, int absolute) {
	struct clockwork was = *c, new = *c;
	int err = clockwork_read(t, &new, arg[2], arg[1] & (uint64_t)absolute);

	if (!err)
		err = clockwork_write(t, &was, arg[3]);
	if (err < 0)
		return err;
	c->date = new.date;
	c->period = new.period;
	clockwork_wind(c);
	return 0;
}

/* --- timerfd -------------------------------------------------------------------------------------- */

struct timerfd {
	struct clockwork clock; /* first */
	struct wait_queue readers;
	uint64_t times; /* that nobody has read */
};

static void timerfd_ring(void *arg) {
	struct timerfd *timer = arg;

	timer->times += clockwork_went_off(&timer->clock);
	wake_up(timer->clock.kernel, &timer->readers);
}

static ssize_t timerfd_read(struct file *file, const struct iovec *iov, size_t n) {
	struct timerfd *timer = file->private;
	uint64_t times;
	int err = 0;

	if (iov_length(iov, n) < sizeof times)
		return -EINVAL;
	if (!timer->times && file->flags & O_NONBLOCK)
		return -EAGAIN;
	err = wait_event_interruptible(timer->clock.kernel, &timer->readers, false, timer->times);
	if (err)
		return err;
	times = timer->times;
	timer->times = 0;
	iov_scatter(iov, n, 0, &times, sizeof times);
	return sizeof times;
}

static unsigned timerfd_poll(struct file *file, struct poll_table *table) {
	struct timerfd *timer = file->private;

	poll_wait(file, &timer->readers, table);
	return timer->times ? POLLIN | POLLRDNORM : 0;
}

static void timerfd_release(struct file *file) {
	struct timerfd *timer = file->private;

	sim_cancel(timer->clock.kernel->sim, &timer->clock.event);
	g_free(timer);
}

static const struct file_operations timerfd_ops = {
	.read = timerfd_read,
	.poll = timerfd_poll,
	.release = timerfd_release,
};

int64_t exec_timerfd_create(struct thread *t, const uint64_t *arg) {
	struct timerfd *timer;
	struct file *file;

	if (!clock_is_known((int)arg[0]) || arg[1] & ~(uint64_t)(TFD_NONBLOCK | TFD_CLOEXEC))
		return -EINVAL;
	timer = g_new0(struct timerfd, 1);
	timer->clock =
		(struct clockwork){.kernel = kernel_of(t), .clock = (int)arg[0], .date = SIM_NEVER};
	sim_event_init(&timer->clock.event, timerfd_ring, timer);
	wait_queue_init(&timer->readers);
	file = file_new(kernel_of(t), &timerfd_ops, O_RDWR | ((int)arg[1] & TFD_NONBLOCK));
	file->private = timer;
	return install_new(t, file, arg[1] & TFD_CLOEXEC);
}

/* NULL: *err says why. */
static struct timerfd *timerfd_at(struct thread *t, uint64_t fd, int *err) {
	struct file *file = file_at(t, (int)fd);

	*err = !file ? -EBADF : file->ops != &timerfd_ops ? -EINVAL : 0;
	return *err ? NULL : file->private;
}

int64_t exec_timerfd_settime(struct thread *t, const uint64_t *arg) {
	int err;
	struct timerfd *timer = timerfd_at(t, arg[0], &err);

	if (!timer)
		return err;
	err = clockwork_set(t, &timer->clock, arg, TFD_TIMER_ABSTIME);
	if (!err)
		timer->times = 0;
	return err;
}

int64_t exec_timerfd_gettime(struct thread *t, const uint64_t *arg) {
	int err;
	const struct timerfd *timer = timerfd_at(t, arg[0], &err);

	return timer ? clockwork_write(t, &timer->clock, arg[1]) : err;
}

/* --- POSIX timers ----------------------------------------------------------------------------------- */

struct timer {
	struct clockwork clock; /* first */
	struct process *process;
	int id, how; /* SIGEV_... */
	int sig;
	pid_t thread; /* that it is sent to; 0: to the process */
	union sigval value;
	int overrun;
};

static void timer_ring(void *arg) {
	struct timer *timer = arg;
	const struct process *process = timer->process;
	uint64_t times = clockwork_went_off(&timer->clock);
	siginfo_t info = {.si_signo = timer->sig, .si_code = SI_TIMER};

	timer->overrun = (int)MIN(times - 1, INT32_MAX);
	info.si_timerid = timer->id;
	info.si_overrun = timer->overrun;
	info.si_value = timer->value;
	if (process->dead || timer->how == SIGEV_NONE)
		return;
	if (timer->thread)
		syscall(SYS_rt_tgsigqueueinfo, process->pid, timer->thread, timer->sig, &info);
	else
		syscall(SYS_rt_sigqueueinfo, process->pid, timer->sig, &info);
	signals_come(process);
}

static void timer_free(gpointer arg) {
	struct timer *timer = arg;

	sim_cancel(timer->clock.kernel->sim, &timer->clock.event);
	g_free(timer);
}

/* How the program wants to hear of it: 0 or a negative errno. */
static int read_event(struct thread *t, uint64_t addr, struct timer *timer) {
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};

	if (addr && mem_read(t, addr, &event, sizeof event))
		return -EFAULT;
	timer->how = event.sigev_notify;
	timer->sig = event.sigev_signo;
	timer->value = event.sigev_value;
	if (!addr)
		timer->value.sival_int = timer->id;
	if (timer->how & SIGEV_THREAD_ID)
		timer->thread = signals_outer(t, event._sigev_un._tid);
	if (timer->how & SIGEV_THREAD_ID && !timer->thread)
		return -EINVAL;
	return timer->how != SIGEV_NONE && (timer->sig < 1 || timer->sig >= NSIG) ? -EINVAL : 0;
}

int64_t exec_timer_create(struct thread *t, const uint64_t *arg) {
	struct process *process = t->process;
	struct timer *timer;
	int err;

	/* Clocks of processes and threads have negative numbers. */
	if ((int)arg[0] > CLOCK_TAI)
		return -EINVAL;
	if (!process->timers)
		process->timers = g_hash_table_new_full(NULL, NULL, NULL, timer_free);
	if (g_hash_table_size(process->timers) >= TIMERS_MOST)
		return -EAGAIN;
	timer = g_new0(struct timer, 1);
	timer->clock =
		(struct clockwork){.kernel = kernel_of(t), .clock = (int)arg[0], .date = SIM_NEVER};
	timer->process = process;
	timer->id = process->next_timer++;
	sim_event_init(&timer->clock.event, timer_ring, timer);
	err = read_event(t, arg[1], timer);
	if (!err)
		err = mem_write(t, arg[2], &timer->id, sizeof timer->id);
	if (err < 0)
		timer_free(timer);
	else
		g_hash_table_insert(process->timers, GINT_TO_POINTER(timer->id), timer);
	return err;
}

static struct timer *timer_at(const struct thread *t, uint64_t id) {
	return t->process->timers
	               ? g_hash_table_lookup(t->process->timers, GINT_TO_POINTER((int)id))
	               : NULL;
}

int64_t exec_timer_settime(struct thread *t, const uint64_t *arg) {
	struct timer *timer = timer_at(t, arg[0]);

	return timer && arg[2] ? clockwork_set(t, &timer->clock, arg, TIMER_ABSTIME) : -EINVAL;
}

int64_t exec_timer_gettime(struct thread *t, const uint64_t *arg) {
	const struct timer *timer = timer_at(t, arg[0]);

	return timer ? clockwork_write(t, &timer->clock, arg[1]) : -EINVAL;
}

int64_t exec_timer_getoverrun(struct thread *t, const uint64_t *arg) {
	const struct timer *timer = timer_at(t, arg[0]);

	return timer ? timer->overrun : -EINVAL;
}

int64_t exec_timer_delete(struct thread *t, const uint64_t *arg) {
	if (!timer_at(t, arg[0]))
		return -EINVAL;
	g_hash_table_remove(t->process->timers, GINT_TO_POINTER((int)arg[0]));
	return 0;
}
