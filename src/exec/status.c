/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What does the real kernel say of a thread? */
#include "exec/status.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Of the kernel's include/linux/sched.h, and since always. */
#define PF_EXITING 0x4U

char *status_text(pid_t pid, pid_t tid) {
	g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/status", pid, tid);
	char *text;

	return g_file_get_contents(path, &text, NULL, NULL) ? text : NULL;
}

uint64_t status_mask(const char *text, const char *name) {
	const char *line = strstr(text, name);

	return line ? g_ascii_strtoull(line + strlen(name), NULL, 16) : 0;
}

uint64_t status_pending(pid_t pid, pid_t tid) {
	g_autofree char *text = status_text(pid, tid);

	return text ? status_mask(text, "\nSigPnd:") | status_mask(text, "\nShdPnd:") : 0;
}

bool status_exits(pid_t pid, pid_t tid) {
	g_autofree char *path = g_strdup_printf("/proc/%d/task/%d/stat", pid, tid), *text = NULL;
	unsigned flags;

	/* Behind the name: state, parent, group, session, terminal, its group, flags. */
	if (!g_file_get_contents(path, &text, NULL, NULL) || !strrchr(text, ')'))
		return true;
	return sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %*d %*d %u", &flags) == 1 &&
	       flags & PF_EXITING;
}

int status_number(pid_t tid, const char *name) {
	g_autofree char *path = g_strdup_printf("/proc/%d/status", tid), *text = NULL;
	const char *line, *end;

	if (!g_file_get_contents(path, &text, NULL, NULL) || !(line = strstr(text, name)))
		return -1;
	end = strchrnul(line + 1, '\n'); /* the name begins with its line's end */
	while (end > line && g_ascii_isdigit(end[-1]))
		end--;
	return atoi(end);
}
