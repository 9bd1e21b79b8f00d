/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * When does what one side of a pseudo-terminal writes reach the other?
 *
 * In the real kernel a work queue hands it on, some time later, piece by piece; so a read of the master may find
 * both of two lines or the first.  To poll a side, however, awaits the work for that side.  So whenever a master may have
 * been used, its other side is polled, which echoes, then the master, and all that is there is read at once.
 */
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "exec/terminal.h"

/* So much is taken in.  Who prints more waits, as for any terminal that nobody reads. */
#define ROOM 65536U

struct terminal {
	struct exec *exec;
	const struct kernel *kernel;
	unsigned number;
	int dup;
	int refs;
	bool used;
	GByteArray *taken; /* what was read of it, and nobody has asked for yet */
};

struct terminal *terminal_of(struct exec *exec, const struct kernel *k, int dup) {
	struct terminal *terminal;
	unsigned number;

	if (ioctl(dup, TIOCGPTN, &number) < 0)
		return NULL;
	for (guint i = 0; i < exec->terminals->len; i++) {
		terminal = exec->terminals->pdata[i];
		if (terminal->kernel == k && terminal->number == number) {
			terminal->refs++;
			return terminal;
		}
	}
	terminal = g_new0(struct terminal, 1);
	*terminal = (struct terminal){.exec = exec,
	                              .kernel = k,
	                              .number = number,
	                              .dup = fcntl(dup, F_DUPFD_CLOEXEC, 0),
	                              .refs = 1,
	                              .used = true,
	                              .taken = g_byte_array_new()};
	g_ptr_array_add(exec->terminals, terminal);
	return terminal;
}

void terminal_put(struct terminal *terminal) {
	if (--terminal->refs > 0)
		return;
	g_ptr_array_remove(terminal->exec->terminals, terminal);
	g_byte_array_unref(terminal->taken);
	close(terminal->dup);
	g_free(terminal);
}

void terminal_used(struct terminal *terminal) { terminal->used = true; }

/* What was written to the master has the other side see it, and is echoed. */
static void hand_on(const struct terminal *terminal) {
	int slave = ioctl(terminal->dup, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC), there;

	if (slave < 0)
		return;
	/* To poll awaits work that has not begun; to ask how much is there, which needs the terminal alone,
	 * what is under way, echoes too. */
	poll(&(struct pollfd){slave, POLLIN, 0}, 1, 0);
	ioctl(slave, FIONREAD, &there);
	close(slave);
}

/* In packet mode a read tells what one write was: then nothing is. */
static void take_in(const struct terminal *terminal) {
	struct pollfd pfd = {terminal->dup, POLLIN, 0};
	unsigned char bytes[4096];
	int packets = 0;
	ssize_t n;

	if (ioctl(terminal->dup, TIOCGPKT, &packets) == 0 && packets)
		return;
	while (terminal->taken->len < ROOM && poll(&pfd, 1, 0) > 0 && pfd.revents & POLLIN) {
		n = read(terminal->dup, bytes, sizeof bytes);
		if (n <= 0)
			break;
		g_byte_array_append(terminal->taken, bytes, (guint)n);
	}
}

void terminals_settle(struct exec *exec) {
	for (guint i = 0; i < exec->terminals->len; i++) {
		struct terminal *terminal = exec->terminals->pdata[i];

		if (terminal->used)
			hand_on(terminal);
		terminal->used = false;
		take_in(terminal);
	}
}

size_t terminal_has(struct terminal *terminal) {
	take_in(terminal);
	return terminal->taken->len;
}

size_t terminal_take(struct terminal *terminal, void *bytes, size_t len) {
	len = MIN(len, terminal->taken->len);
	memcpy(bytes, terminal->taken->data, len);
	g_byte_array_remove_range(terminal->taken, 0, (guint)len);
	return len;
}
