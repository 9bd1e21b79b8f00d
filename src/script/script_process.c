/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does a process tell, and what does it know of its children and descriptors? */
#include "script/script_process.h"

#include <errno.h>
#include <string.h>

#include "script/script_tree.h"
#include "script/script_words.h"

void process_event(struct process *p, struct script_event *event) {
	event->when = sim_now(p->run->kernel->sim);
	event->process = p->name;
	if (p->run->log)
		p->run->log(p->run->arg, event);
}

void process_tell(struct process *p, enum script_event_kind kind, const char *text) {
	process_event(p, &(struct script_event){.kind = kind, .text = text});
}

void process_fail(struct process *p, const char *format, ...) {
	struct script_run *run = p->run;
	g_autofree char *what = NULL, *text = NULL;
	va_list args;

	va_start(args, format);
	what = g_strdup_vprintf(format, args);
	va_end(args);
	text = p->stmt ? g_strdup_printf("line %u: %s", p->stmt->line, what) : g_strdup(what);
	run->result.failed++;
	if (!run->first_failure)
		run->first_failure = g_strdup_printf("%s: %s", p->name, text);
	process_tell(p, SCRIPT_MISMATCH, text);
}

void revents_set(struct process *p, int fd, unsigned events) {
	if (fd < 0 || fd > 0xffff)
		return;
	if ((size_t)fd >= p->n_revents) {
		size_t n = (size_t)fd + 16;

		p->revents = g_renew(unsigned short, p->revents, n);
		memset(p->revents + p->n_revents, 0, (n - p->n_revents) * sizeof *p->revents);
		p->n_revents = n;
	}
	p->revents[fd] = (unsigned short)events;
}

static struct process *process_by_pid(const struct script_run *run, pid_t pid) {
	for (struct process *p = run->processes; p; p = p->next)
		if (p->pid == pid)
			return p;
	return NULL;
}

int process_wait(struct process *p, bool complain) {
	int status, killed = 0;
	pid_t pid;

	while ((pid = sys_waitpid(p->task, -1, &status, 0)) != -ECHILD) {
		const struct process *child = pid > 0 ? process_by_pid(p->run, pid) : NULL;
		int sig = status & 0x7f;
		const char *name = signal_name(sig);

		if (pid < 0)
			return pid;
		if (!sig)
			continue;
		killed = sig;
		g_string_printf(p->note, "%s was killed by %s", child ? child->name : "a child",
		                name ? name : "a signal");
		if (complain)
			process_fail(p, "%s", p->note->str);
		else
			process_tell(p, SCRIPT_END, p->note->str);
	}
	return killed;
}
