/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do a script's calls on files, processes and many sockets at once do? */
#include "script/script_acts.h"

#include <errno.h>
#include <string.h>

#include "host/file/file.h"
#include "script/script_process.h"
#include "script/script_tree.h"
#include "script/script_words.h"
#include "tools/tools.h"

/* --- waiting ---------------------------------------------------------------------------------- */

/* poll's time-out: whole milliseconds, rounded up; a negative time waits for ever. */
static int milliseconds(sim_time t) {
	if (t < 0)
		return -1;
	return (int)MIN((t + SIM_MS - 1) / SIM_MS, INT_MAX);
}

static void note_ready(struct process *p, const struct pollfd *fds, unsigned n,
                       struct outcome *out) {
	g_string_truncate(p->note, 0);
	for (unsigned i = 0; i < n; i++) {
		revents_set(p, fds[i].fd, (unsigned)fds[i].revents);
		if (out->result <= 0 || !fds[i].revents)
			continue;
		g_string_append_printf(p->note, "%s%d:", p->note->len ? " " : "", fds[i].fd);
		poll_format(p->note, (unsigned)fds[i].revents);
	}
	out->note = p->note->str;
}

static struct pollfd *take_pairs(struct process *p, const struct value *arg, unsigned n) {
	p->polled = g_renew(struct pollfd, p->polled, n / 2);
	for (unsigned i = 0; i < n / 2; i++)
		p->polled[i] = (struct pollfd){.fd = (int)arg[2 * i].number,
		                               .events = (short)arg[2 * i + 1].number};
	return p->polled;
}

void act_poll(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	struct pollfd *fds = take_pairs(p, arg, n);

	out->result = sys_poll(p->task, fds, n / 2, milliseconds(arg[n - 1].number));
	note_ready(p, fds, n / 2, out);
}

/* POLLIN, POLLOUT and POLLPRI stand for the three sets. */
void act_select(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	static const short events[3] = {POLLIN, POLLOUT, POLLPRI};
	struct pollfd *fds = take_pairs(p, arg, n);
	sim_time limit = arg[n - 1].number;
	struct timeval tv = {limit / SIM_S, limit % SIM_S / SIM_US};
	fd_set sets[3];
	int most = 0;

	memset(sets, 0, sizeof sets);
	for (unsigned i = 0; i < n / 2; i++) {
		if (fds[i].fd < 0 || fds[i].fd >= FD_SETSIZE) {
			out->result = -EBADF;
			return;
		}
		most = MAX(most, fds[i].fd + 1);
		for (unsigned j = 0; j < 3; j++)
			if (fds[i].events & events[j])
				FD_SET(fds[i].fd, &sets[j]);
	}
	out->result =
		sys_select(p->task, most, &sets[0], &sets[1], &sets[2], limit < 0 ? NULL : &tv);
	for (unsigned i = 0; i < n / 2; i++)
		for (unsigned j = 0; j < 3; j++)
			if (out->result > 0 && FD_ISSET(fds[i].fd, &sets[j]))
				fds[i].revents |= events[j];
	note_ready(p, fds, n / 2, out);
}

/* --- files ------------------------------------------------------------------------------------ */

void act_open(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	out->result = sys_open(p->task, arg[0].text, n > 1 ? (int)arg[1].number : O_RDONLY);
}

void act_lseek(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	(void)n;
	out->result = sys_lseek(p->task, out->fd, arg[1].number, (int)arg[2].number);
}

/* A file that was there before the program: it takes no time. */
void act_create(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	struct kernel *k = p->run->kernel;

	(void)n;
	if (arg[1].type == VALUE_TEXT)
		out->result = fs_create(k, arg[0].text, arg[1].text, arg[1].len);
	else if (arg[1].number < 0)
		out->result = -EINVAL;
	else
		out->result = fs_create_pattern(k, arg[0].text, (uint64_t)arg[1].number, 1);
}

void act_sendfile(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	(void)n;
	out->result = arg[2].number < 0 ? -EINVAL
	                                : sys_sendfile(p->task, out->fd, (int)arg[1].number, NULL,
	                                               (size_t)arg[2].number);
}

void act_close(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	(void)arg, (void)n;
	out->result = sys_close(p->task, out->fd);
}

void act_dup(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	(void)arg, (void)n;
	out->result = sys_dup(p->task, out->fd);
}

void act_dup2(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	(void)n;
	out->result = sys_dup2(p->task, out->fd, (int)arg[1].number);
}

/* --- processes -------------------------------------------------------------------------------- */

void act_kill(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	(void)n;
	out->result = sys_kill(p->task, (pid_t)arg[0].number, (int)arg[1].number);
}

/* SIG_CATCH: a handler that does nothing, so that calls are interrupted. */
static void catch (struct task *me, int sig) { (void)me, (void)sig; }

void act_signal(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	static const signal_handler handlers[] = {SIGNAL_DEFAULT, SIGNAL_IGNORE, catch};

	(void)n;
	if (arg[1].number < 0 || arg[1].number > 2)
		out->result = -EINVAL;
	else
		out->result = sys_signal(p->task, (int)arg[0].number, handlers[arg[1].number]);
}

/* Who expects a result of wait() knows that children may be killed. */
void act_wait(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	(void)arg, (void)n;
	out->result = process_wait(p, p->stmt->cmp == CMP_NONE);
}

/* --- tools ------------------------------------------------------------------------------------ */

void act_run(struct process *p, const struct value *arg, unsigned n, struct outcome *out) {
	(void)n;
	g_string_truncate(p->data, 0);
	out->result = tool_run(p->task, arg[0].text, p->data);
	out->has_data = out->told = true;
	for (const char *line = p->data->str; *line;) {
		size_t len = strcspn(line, "\n");

		g_string_truncate(p->line, 0);
		g_string_append_len(p->line, line, (gssize)len);
		process_tell(p, SCRIPT_OUTPUT, p->line->str);
		line += len + (line[len] == '\n');
	}
}
