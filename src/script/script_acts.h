/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What does each call of a script do?  The functions of the table in script_calls.c that live in
 * other files: script_opt.c (options, fcntl, ioctl) and script_files.c (descriptors of any kind,
 * processes, signals); and what script_control.c adds to messages.
 */
#ifndef SCRIPT_ACTS_H
#define SCRIPT_ACTS_H

#include "script/script_process.h"

/* What came with a message besides its bytes and its sender (script_control.c). */
void note_control(struct process *p, struct msghdr *msg, struct outcome *out);
void act_setsockopt(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_getsockopt(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_fcntl(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_ioctl(struct process *p, const struct value *arg, unsigned n, struct outcome *out);

void act_poll(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_select(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_open(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_lseek(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_sendfile(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_close(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_dup(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_dup2(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_kill(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_signal(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_wait(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_create(struct process *p, const struct value *arg, unsigned n, struct outcome *out);
void act_run(struct process *p, const struct value *arg, unsigned n, struct outcome *out);

#endif
