/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Meetings (meeting.h) on a whole machine: a program and its system calls, served by the host's
 * INET behind a NIC, by a card of either kind, or by SOP over a card; the tester is at the other end
 * of the wire.  One machine a process.
 */
#ifndef MEETING_MACHINE_H
#define MEETING_MACHINE_H

#include "host/socket/syscalls.h"
#include "meeting.h"

enum { MACHINE_INET, MACHINE_CARD, MACHINE_POLLED, MACHINE_SOP, MACHINE_WAYS };
enum { MACHINE_MEETINGS = 64 };
extern const char *const machine_ways[MACHINE_WAYS];

/* Runs user(arg) as the machine's program, to its end.  All sockets that it makes do not block. */
void machine_run(unsigned way, bool near_wrap, void (*user)(void *arg), void *arg);

/* From the program: */
struct task *machine_task(void);
/* Meeting i < MACHINE_MEETINGS, which has ports of its own, before anything has happened. */
struct meeting machine_meeting(unsigned i, uint32_t irs);
/* The user's socket, if there is none yet. */
void machine_socket(struct meeting *m);
/* Resets the connection and closes the socket, if there is one. */
void machine_end_meeting(struct meeting *m);
/* Waits until what was called has had its effects. */
void machine_pass(void);

#endif
