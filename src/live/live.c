/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which is later, the clock on the wall or the simulated one, and which frame is next? */
#include "live/live.h"

#include <errno.h>
#include <glib.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "net/wire/link_flight.h"

/* To sleep for less is not worth a system call: events run early by up to this. */
#define AHEAD (20 * SIM_US)
/* A simulation that is late looks for frames this often. */
#define LOOK_EVERY (50 * SIM_US)
/* Frames read from a device in a row. */
#define BURST 64
/* Between two complaints. */
#define LATE_EVERY SIM_S

struct tie {
	struct live *live;
	struct port *port;
	struct tap *tap;
	struct flight arriving; /* frames whose date has not come: the simulation is behind */
	struct live_counters count;
};

struct live {
	struct sim *sim;
	GPtrArray *ties; /* struct tie */
	GArray *polls;   /* struct pollfd: signals, then a device each */
	sigset_t old_mask;
	bool started, ended;
	struct timespec zero;
	sim_time looked; /* when the devices were last asked */
	sim_time complained;
	sim_time real; /* when asked last */
	double lag_sum;
	struct live_clock clock;
	void (*late)(void *arg, sim_time lag);
	void *late_arg;
	void (*finish)(void *arg);
	void *finish_arg;
	int end;
	const char *end_device;
};

/* --- the clock ------------------------------------------------------------------------------- */

/* Real time since date 0. */
static sim_time real_time(struct live *live) {
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (!live->started) {
		live->started = true;
		live->zero = now;
	}
	live->real = (sim_time)(now.tv_sec - live->zero.tv_sec) * SIM_S +
	             (sim_time)(now.tv_nsec - live->zero.tv_nsec) * SIM_NS;
	return live->real;
}

static void note_lag(struct live *live, sim_time date, sim_time now) {
	struct live_clock *clock = &live->clock;
	sim_time lag = MAX(now - date, 0);

	clock->dates++;
	live->lag_sum += (double)lag;
	if (lag > clock->lag_max) {
		clock->lag_max = lag;
		clock->lag_max_at = date;
	}
	if (lag < LIVE_LATE)
		return;
	clock->late++;
	if (live->late && (clock->late == 1 || now - live->complained >= LATE_EVERY)) {
		live->complained = now;
		live->late(live->late_arg, lag);
	}
}

/* --- frames ---------------------------------------------------------------------------------- */

static void end(struct live *live, int why, const char *device) {
	live->ended = true;
	live->end = why;
	live->end_device = device;
	if (live->finish)
		live->finish(live->finish_arg);
	else
		sim_stop(live->sim);
}

static void enter_wire(void *arg, struct frame *frame) {
	port_send(((struct tie *)arg)->port, frame);
}

/* Reads what the kernel has sent; the frames enter the wire now, on the simulated clock's terms. */
static void read_frames(struct tie *tie) {
	struct live *live = tie->live;
	sim_time date = MAX(real_time(live), sim_now(live->sim));
	struct frame *frame;
	int error;

	for (int i = 0; i < BURST; i++) {
		error = tap_read(tie->tap, &frame);
		if (error == -EMSGSIZE) {
			tie->count.rx_too_long++;
			continue;
		}
		if (error == -EAGAIN || error == -EINTR)
			return;
		if (error) {
			end(live, error, tap_name(tie->tap));
			return;
		}
		tie->count.rx_frames++;
		tie->count.rx_bytes += frame->len;
		flight_add(&tie->arriving, frame, date);
	}
}

static void write_frame(void *arg, struct frame *frame) {
	struct tie *tie = arg;

	if (tap_write(tie->tap, frame)) {
		tie->count.tx_refused++;
	} else {
		tie->count.tx_frames++;
		tie->count.tx_bytes += frame->len;
	}
	frame_free(frame);
}

static const struct port_ops tie_ops = {.receive = write_frame};

/* --- waiting --------------------------------------------------------------------------------- */

static void take_signal(struct live *live, int fd) {
	struct signalfd_siginfo info;

	if (read(fd, &info, sizeof info) == (ssize_t)sizeof info)
		end(live, (int)info.ssi_signo, NULL);
}

/* Sleeps for `wait` at most (0: not at all), or until there is a frame or a signal; takes it. */
static bool look(struct live *live, sim_time wait) {
	struct timespec timeout = {.tv_sec = wait / SIM_S, .tv_nsec = wait % SIM_S / SIM_NS};
	struct pollfd *polls = (struct pollfd *)(void *)live->polls->data;

	if (ppoll(polls, live->polls->len, wait == SIM_NEVER ? NULL : &timeout, NULL) <= 0)
		return false;
	if (polls[0].revents)
		take_signal(live, polls[0].fd);
	for (guint i = 1; i < live->polls->len; i++)
		if (polls[i].revents)
			read_frames(live->ties->pdata[i - 1]);
	return true;
}

/* How long to sleep before `next`: 0: not at all; SIM_NEVER: until something comes. */
static sim_time time_left(const struct live *live, sim_time next, sim_time now) {
	if (live->ended || next <= now + AHEAD)
		return 0;
	return next == SIM_NEVER ? SIM_NEVER : next - now;
}

/* The pacer: whether the clock may move to `next`. */
static bool pace(void *arg, sim_time next) {
	struct live *live = arg;
	sim_time now = real_time(live), wait = time_left(live, next, now);

	if (wait || now - live->looked >= LOOK_EVERY) {
		bool found = look(live, wait);

		live->looked = now = real_time(live);
		if (found || time_left(live, next, now))
			return false;
	}
	note_lag(live, next, now);
	return true;
}

/* --- life ------------------------------------------------------------------------------------ */

static void add_poll(struct live *live, int fd) {
	struct pollfd poll = {.fd = fd, .events = POLLIN};

	g_array_append_val(live->polls, poll);
}

/* Through a descriptor, so that a signal ends the sleep without a race and without a handler. */
static void take_signals(struct live *live) {
	struct sigaction hangup;
	sigset_t mask;
	int fd;

	sigemptyset(&mask);
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	/* nohup: it is to outlive the terminal. */
	if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
		sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, &live->old_mask);
	fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		g_error("signalfd: %s", g_strerror(errno));
	add_poll(live, fd);
}

struct live *live_new(struct sim *sim) {
	struct live *live = g_new0(struct live, 1);

	live->sim = sim;
	live->ties = g_ptr_array_new();
	live->polls = g_array_new(FALSE, FALSE, sizeof(struct pollfd));
	take_signals(live);
	/* Sleeps end when they should, not up to 50 us later. */
	prctl(PR_SET_TIMERSLACK, 1000UL, 0UL, 0UL, 0UL);
	sim_set_pacer(sim, pace, live);
	return live;
}

void live_tie(struct live *live, struct port *port, struct tap *tap) {
	struct tie *tie = g_new0(struct tie, 1);

	tie->live = live;
	tie->port = port;
	tie->tap = tap;
	flight_init(&tie->arriving, live->sim, enter_wire, tie);
	port_attach(port, &tie_ops, tie);
	g_ptr_array_add(live->ties, tie);
	add_poll(live, tap_fd(tap));
}

void live_free(struct live *live) {
	for (guint i = 0; i < live->ties->len; i++) {
		struct tie *tie = live->ties->pdata[i];

		port_attach(tie->port, NULL, NULL);
		flight_clear(&tie->arriving);
		tap_close(tie->tap);
		g_free(tie);
	}
	sim_set_pacer(live->sim, NULL, NULL);
	close(g_array_index(live->polls, struct pollfd, 0).fd);
	sigprocmask(SIG_SETMASK, &live->old_mask, NULL);
	g_ptr_array_unref(live->ties);
	g_array_unref(live->polls);
	g_free(live);
}

/* --- what it did ----------------------------------------------------------------------------- */

void live_on_late(struct live *live, void (*fn)(void *arg, sim_time lag), void *arg) {
	live->late = fn;
	live->late_arg = arg;
}

void live_on_end(struct live *live, void (*fn)(void *arg), void *arg) {
	live->finish = fn;
	live->finish_arg = arg;
}

void live_clock(const struct live *live, struct live_clock *clock) {
	*clock = live->clock;
	clock->real = live->real;
	clock->lag_mean = clock->dates ? (sim_time)(live->lag_sum / (double)clock->dates) : 0;
}

bool live_counters(const struct live *live, size_t i, struct live_counters *counters) {
	if (i >= live->ties->len)
		return false;
	*counters = ((const struct tie *)live->ties->pdata[i])->count;
	return true;
}

int live_end(const struct live *live, const char **device) {
	*device = live->end_device;
	return live->end;
}
