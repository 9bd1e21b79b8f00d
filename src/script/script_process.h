/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does a process that runs a script have, and what does it tell?  Its variables, the call that
 * it makes, and the lines of its log (script_run.c, script_expr.c).
 *
 * A process may end in the middle of a call (a signal, the end of the run), without a way back:
 * what a call allocates therefore belongs to the process, which the run frees.
 */
#ifndef SCRIPT_PROCESS_H
#define SCRIPT_PROCESS_H

#include "script/script_tree.h"

/* Of a call. */
struct outcome {
	int64_t result;   /* or negative errno */
	bool has_data;    /* text that came: p->data */
	bool told;        /* it was told line by line already */
	bool has_addr;    /* an address that came: p->addr, p->port */
	int fd;           /* whose stack served; -1: none */
	const char *note; /* more for the log: the process's */
};

struct process {
	struct script_run *run;
	struct task *task;
	const struct script *script;
	const struct block *body;
	char *name;
	struct value *vars, *values; /* variables; arguments of the call */
	GString *line, *args, *data, *note;
	uint32_t addr; /* that came last */
	uint16_t port;
	sim_time took;
	int64_t last;
	char served[16];         /* the stack that served the last call; empty: none */
	unsigned short *revents; /* by descriptor */
	size_t n_revents;
	struct pollfd *polled;
	const struct stmt *stmt; /* that runs */
	pid_t pid;
	struct process *next;
};

struct script_run {
	struct kernel *kernel;
	const struct script *script;
	struct script *own; /* made for a command */
	char *name;
	script_log log;
	void (*done)(void *arg);
	void *arg;
	struct sim_event start;
	struct process *processes;
	struct script_result result;
	char *first_failure;
};

/* The value now; texts last until the next call. */
struct value expr_value(struct process *p, const struct expr *e);
/* The value of a print's text. */
void expand_text(struct process *p, const char *text, GString *out);
void value_format(GString *out, const struct value *v);
void time_format(GString *out, sim_time t);
void data_format(GString *out, const char *data, size_t len);
/* Text for a line of the log: what a terminal would obey, or cannot show, as \x1b. */
void line_format(GString *out, const char *text);

void process_fail(struct process *p, const char *format, ...) G_GNUC_PRINTF(2, 3);
void process_tell(struct process *p, enum script_event_kind kind, const char *text);
/* The same of an event that has more to tell; date and name are filled in. */
void process_event(struct process *p, struct script_event *event);
/* Waits for all children; the signal that ended the last one that was killed, or 0. */
int process_wait(struct process *p, bool complain);
void revents_set(struct process *p, int fd, unsigned events);

#endif
