/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Was the user's wish to stop heard, and when is it obeyed? */
#include "lab/base/interrupt.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* A process has one set of signals. */
static struct {
	unsigned depth;
	int fd;
	bool came;
	sigset_t before; /* the mask */
} taken = {.fd = -1};

static bool is_ignored(int number) {
	struct sigaction action;

	return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void interrupt_take(void) {
	sigset_t mask;

	if (taken.depth++ > 0)
		return;
	sigemptyset(&mask);
	/* A shell starts what stands before & with SIGINT ignored; a long run must end all the
	 * same. */
	sigaddset(&mask, SIGINT);
	sigaddset(&mask, SIGTERM);
	if (!is_ignored(SIGHUP))
		sigaddset(&mask, SIGHUP);
	sigprocmask(SIG_BLOCK, &mask, &taken.before);
	taken.came = false;
	taken.fd = signalfd(-1, &mask, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool came(void) {
	struct signalfd_siginfo info;

	while (taken.fd >= 0 && read(taken.fd, &info, sizeof info) > 0)
		taken.came = true;
	return taken.came;
}

void interrupt_release(void) {
	if (--taken.depth > 0)
		return;
	came();
	if (taken.fd >= 0)
		close(taken.fd);
	taken.fd = -1;
	interrupt_unblock();
}

int interrupt_fd(void) { return taken.fd; }

bool interrupt_check(const char *what, GError **error) {
	if (!came())
		return true;
	g_set_error(error, LAB_ERROR, LAB_ERROR_INPUT, "interrupted; %s", what);
	return false;
}

void interrupt_unblock(void) { sigprocmask(SIG_SETMASK, &taken.before, NULL); }
