/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The ordinary network tools as programs of the simulated machine: ifconfig, route, arp, netstat,
 * and sopstat.  They look and complain as net-tools do.  What they set and ask goes through
 * ioctl() on an ordinary socket: with SOP loaded they therefore see NICs and cards alike, without
 * it the NICs alone.  Lists that net-tools read from /proc come from proc.h.
 */
#ifndef TOOLS_H
#define TOOLS_H

#include <glib.h>

#include "host/core/kernel.h"

struct tool_context {
	struct task *task;
	GString *out;      /* stdout and stderr, in order */
	const char *usage; /* of the tool that runs */
};

struct tool {
	const char *name, *usage;
	/* argv[0] is the tool's name, argv ends with NULL; returns the exit status. */
	int (*main)(struct tool_context *tool, int argc, char **argv);
};

/* Runs a command line in `task`, a process; what it prints is appended to `out`.  The exit status:
 * 127 if there is no such command, 2 if quotes do not match.  Words are separated as in a shell. */
int tool_run(struct task *task, const char *command, GString *out);

#endif
