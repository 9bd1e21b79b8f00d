/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Time and chance: what a program can learn of them is simulated. */
#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "exec/calls.h"
#include "exec/memory.h"
#include "exec/signals.h"
#include "exec/thread.h"

#define RANDOM_MOST (1UL << 20)

/* How long a machine has been up, in seconds, when the simulation begins: no program of a real one starts within the
 * first second, and some take a clock that shows less than their own buffers' length for none (vlc). */
#define UPTIME 60

/* --- times as programs write them ----------------------------------------------------------------- */

static int to_time(int64_t s, int64_t ns, sim_time *time) {
	if (s < 0 || ns < 0 || ns >= 1000000000)
		return -EINVAL;
	*time = s >= SIM_NEVER / SIM_S - 1 ? SIM_NEVER : s * SIM_S + ns * SIM_NS;
	return 0;
}

int read_timespec(const struct thread *t, uint64_t addr, sim_time *time) {
	struct timespec ts;

	return mem_read(t, addr, &ts, sizeof ts) ? -EFAULT : to_time(ts.tv_sec, ts.tv_nsec, time);
}

static int read_timeval(const struct thread *t, uint64_t addr, sim_time *time) {
	struct timeval tv;

	return mem_read(t, addr, &tv, sizeof tv) ? -EFAULT
	                                         : to_time(tv.tv_sec, tv.tv_usec * 1000, time);
}

static int64_t write_timespec(const struct thread *t, uint64_t addr, sim_time time) {
	struct timespec ts = {time / SIM_S, time % SIM_S / SIM_NS};

	return addr ? mem_write(t, addr, &ts, sizeof ts) : 0;
}

/* Whether a clock shows the calendar's time. */
static bool clock_is_calendar(int clock) {
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE || clock == CLOCK_TAI;
}

/* What a clock shows more than the simulated date, in seconds (more than sim_time holds). */
static int64_t clock_epoch(const struct thread *t, int clock) {
	return clock_is_calendar(clock) ? exec_of(t)->epoch : UPTIME;
}

bool clock_runs(int clock) {
	return clock_is_calendar(clock) || clock == CLOCK_MONOTONIC ||
	       clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_MONOTONIC_COARSE ||
	       clock == CLOCK_BOOTTIME;
}

int read_date(const struct thread *t, uint64_t addr, int clock, sim_time *left) {
	struct timespec ts;
	sim_time date;

	if (mem_read(t, addr, &ts, sizeof ts))
		return -EFAULT;
	if (ts.tv_sec < 0 || ts.tv_nsec < 0)
		return -EINVAL;
	if (to_time(MAX(ts.tv_sec - clock_epoch(t, clock), 0), ts.tv_nsec, &date))
		return -EINVAL;
	*left = date == SIM_NEVER ? date : MAX(date - sim_now(exec_of(t)->sim), 0);
	return 0;
}

/* --- asking ---------------------------------------------------------------------------------------- */

int64_t exec_clock_gettime(struct thread *t, const uint64_t *arg) {
	int clock = (int)arg[0];
	struct timespec ts = {0};
	sim_time now;

	cpu_settle(kernel_of(t));
	now = sim_now(exec_of(t)->sim);
	if (clock_runs(clock))
		ts = (struct timespec){clock_epoch(t, clock) + now / SIM_S, now % SIM_S / SIM_NS};
	return mem_write(t, arg[1], &ts, sizeof ts);
}

int64_t exec_gettimeofday(struct thread *t, const uint64_t *arg) {
	struct timeval tv;
	sim_time date;

	cpu_settle(kernel_of(t));
	date = sim_now(exec_of(t)->sim);
	tv = (struct timeval){exec_of(t)->epoch + date / SIM_S, date % SIM_S / SIM_US};
	if (arg[1] && mem_write(t, arg[1], &(struct timezone){0}, sizeof(struct timezone)))
		return -EFAULT;
	return arg[0] ? mem_write(t, arg[0], &tv, sizeof tv) : 0;
}

int64_t exec_time(struct thread *t, const uint64_t *arg) {
	time_t now;

	cpu_settle(kernel_of(t));
	now = exec_of(t)->epoch + sim_now(exec_of(t)->sim) / SIM_S;
	return arg[0] && mem_write(t, arg[0], &now, sizeof now) ? -EFAULT : now;
}

int64_t exec_clock_getres(struct thread *t, const uint64_t *arg) {
	return write_timespec(t, arg[1], SIM_NS);
}

int64_t exec_times(struct thread *t, const uint64_t *arg) {
	struct tms none = {0};

	if (arg[0] && mem_write(t, arg[0], &none, sizeof none))
		return -EFAULT;
	return UPTIME * 100 + sim_now(exec_of(t)->sim) / (10 * SIM_MS);
}

int64_t exec_getrusage(struct thread *t, const uint64_t *arg) {
	struct rusage none = {.ru_maxrss = 0};

	return mem_write(t, arg[1], &none, sizeof none);
}

int64_t exec_sysinfo(struct thread *t, const uint64_t *arg) {
	struct sysinfo info = {
		.uptime = UPTIME + sim_now(exec_of(t)->sim) / SIM_S,
		.totalram = 512UL << 20,
		.freeram = 256UL << 20,
		.procs = 1,
		.mem_unit = 1,
	};

	return mem_write(t, arg[0], &info, sizeof info);
}

/* --- sleeping ---------------------------------------------------------------------------------------- */

static int64_t sleep_for(struct thread *t, sim_time time, uint64_t left_at) {
	struct kernel *k = kernel_of(t);
	sim_time begin = sim_now(k->sim);
	int ret = sys_nanosleep(t->task, time);

	if (ret == -EINTR && left_at &&
	    write_timespec(t, left_at, MAX(begin + time - sim_now(k->sim), 0)))
		return -EFAULT;
	return ret;
}

int64_t exec_nanosleep(struct thread *t, const uint64_t *arg) {
	sim_time time;
	int err = read_timespec(t, arg[0], &time);

	return err < 0 ? err : sleep_for(t, time, arg[1]);
}

int64_t exec_clock_nanosleep(struct thread *t, const uint64_t *arg) {
	bool absolute = arg[1] & TIMER_ABSTIME;
	sim_time time;
	int err = absolute ? read_date(t, arg[2], (int)arg[0], &time)
	                   : read_timespec(t, arg[2], &time);

	if (err < 0)
		return err;
	return sleep_for(t, time, absolute ? 0 : arg[3]);
}

/* --- the alarm ------------------------------------------------------------------------------------------ */

/* ITIMER_REAL of a process. */
struct alarm {
	struct sim_event event;
	struct process *process;
	sim_time period; /* 0: once */
};

static void ring(void *arg) {
	struct alarm *alarm = arg;
	const struct process *process = alarm->process;

	if (alarm->period)
		sim_after(process->program->exec->sim, &alarm->event, alarm->period);
	kill(process->pid, SIGALRM);
	signals_come(process);
}

static void alarm_free(struct alarm *alarm) {
	sim_cancel(alarm->process->program->exec->sim, &alarm->event);
	g_free(alarm);
}

/* Sets it; 0: stops it.  What was left. */
static sim_time alarm_set(struct thread *t, sim_time time, sim_time period) {
	struct process *process = t->process;
	struct sim *sim = exec_of(t)->sim;
	struct alarm *alarm = process->alarm;
	sim_time left;

	if (!alarm) {
		alarm = process->alarm = g_new0(struct alarm, 1);
		alarm->process = process;
		process->alarm_free = alarm_free;
		sim_event_init(&alarm->event, ring, alarm);
	}
	left = sim_pending(&alarm->event) ? alarm->event.when - sim_now(sim) : 0;
	sim_cancel(sim, &alarm->event);
	alarm->period = period;
	if (time > 0 && time != SIM_NEVER)
		sim_after(sim, &alarm->event, kernel_ticks(kernel_of(t), time));
	return left;
}

int64_t exec_alarm(struct thread *t, const uint64_t *arg) {
	sim_time left = alarm_set(t, (unsigned)arg[0] * SIM_S, 0);

	return (left + SIM_S - 1) / SIM_S;
}

static int64_t write_itimer(const struct thread *t, uint64_t addr, sim_time left, sim_time period) {
	struct itimerval value = {{period / SIM_S, period % SIM_S / SIM_US},
	                          {left / SIM_S, left % SIM_S / SIM_US}};

	return addr ? mem_write(t, addr, &value, sizeof value) : 0;
}

int64_t exec_setitimer(struct thread *t, const uint64_t *arg) {
	sim_time period = 0, time = 0, old = t->process->alarm ? t->process->alarm->period : 0;
	int err = 0;

	if ((unsigned)arg[0] > ITIMER_PROF)
		return -EINVAL;
	if (arg[0] != ITIMER_REAL)
		return 0; /* those of processor time never go off */
	if (arg[1])
		err = read_timeval(t, arg[1], &period);
	if (arg[1] && !err)
		err = read_timeval(t, arg[1] + sizeof(struct timeval), &time);
	return err < 0 ? err : write_itimer(t, arg[2], alarm_set(t, time, period), old);
}

int64_t exec_getitimer(struct thread *t, const uint64_t *arg) {
	const struct alarm *alarm = arg[0] == ITIMER_REAL ? t->process->alarm : NULL;
	sim_time left = alarm && sim_pending(&alarm->event)
	                        ? alarm->event.when - sim_now(exec_of(t)->sim)
	                        : 0;

	return write_itimer(t, arg[1], left, alarm ? alarm->period : 0);
}

/* --- chance ---------------------------------------------------------------------------------------------- */

int64_t exec_getrandom(struct thread *t, const uint64_t *arg) {
	size_t len = MIN((size_t)arg[1], RANDOM_MOST);
	unsigned char *bytes = mem_buffer(t, len);

	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char)gsl_rng_uniform_int(exec_of(t)->rng, 256);
	return mem_write(t, arg[0], bytes, len) ? -EFAULT : (int64_t)len;
}
