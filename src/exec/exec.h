/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Real programs, as Debian ships them, as processes of simulated machines.
 *
 * Their system calls are notified to the simulator (seccomp user notification), which serves what
 * concerns sockets, waiting, time and chance, and lets the real kernel do the rest.  While a program
 * computes the whole simulator stands; so it takes no simulated time but what it is charged for.
 */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include <stdio.h>

#include "host/core/kernel.h"
#include "host/socket/socket.h"

struct exec;
struct exec_program;
struct nlmsghdr;

/* What the real kernel lacks for it, in words; NULL: nothing.  Asked once. */
const char *exec_lacks(void);

/* What a call on a socket does: a datagram socket may send by one stack and receive from another. */
enum exec_about { EXEC_ABOUT_ANY, EXEC_ABOUT_SEND, EXEC_ABOUT_RECEIVE };

/* What is the same for all programs of a world. */
struct exec_conf {
	const char *hosts; /* what /etc/hosts says */
	int64_t epoch;     /* the calendar's time at the simulation's begin, seconds since 1970 */
	/* The stack behind a socket, for the log; NULL: unknown. */
	const char *(*whose)(const struct socket *sock, enum exec_about about);
	/* The text of a machine's /proc/net/NAME, to be freed; NULL: there is none. */
	char *(*proc_net)(struct kernel *k, const char *name);
	/* Answers a request of rtnetlink by a socket of that port, in datagrams, each by reply(); false:
	 * it was refused.  NULL: machines have no such sockets. */
	bool (*netlink)(struct kernel *k, const struct nlmsghdr *request, uint32_t port,
	                void (*reply)(void *arg, const void *datagram, size_t len), void *arg);
};

/* One at a time in an operating-system process.  The texts are copied. */
struct exec *exec_new(struct sim *sim, const struct exec_conf *conf);
/* From now on calls are logged there (NULL: no more). */
void exec_log_to(struct exec *exec, FILE *log);
/* From now on the simulator's tables of descriptors are compared with the real ones after each call; a
 * difference is a defect, which is told and aborts. */
void exec_check_fds(struct exec *exec);
/* Ends all programs; after kernel_halt() of their machines. */
void exec_free(struct exec *exec);

struct exec_program_conf {
	const char *name, *command; /* split as a shell's words; no shell runs it */
	const char *folder;         /* it starts there: a path of the machine's */
	const char *root;           /* a folder that the machine has for its root; NULL: none */
	const char *input;          /* a file for its standard input; NULL: /dev/null */
	char **environment;         /* NAME=VALUE ...; NULL: none but the usual */
	sim_time at;                /* when it starts (>= 0) */
	sim_time user_cost;         /* charged for each return to user mode */
	sim_time threads_spin; /* processor time without a call after which a slice is charged */
	bool tsc;              /* the time stamp counter tells simulated time */
	uint64_t max_output;   /* bytes that it prints, or writes to one file, at most */
	sim_time
		jitter; /* real time up to which some answers wait, at random: it must not matter */
	/* Something new in what it has printed (1: standard output, 2: errors), at this date. */
	void (*printed)(void *arg, int fd, const char *bytes, size_t len);
	void (*done)(void *arg); /* its first process has ended */
	void *arg;
};

/* Loads a program, which begins at its date.  NULL and *error: it cannot be found or started. */
struct exec_program *exec_start(struct exec *exec, struct kernel *k,
                                const struct exec_program_conf *conf, GError **error);

struct exec_result {
	bool started, ended;
	int status; /* of its first process, as waitpid() gives it */
	uint64_t calls, passed, refused;
	uint64_t processes, threads; /* that it has had */
	uint64_t spins;              /* slices charged to threads that made no call */
};
void exec_result(const struct exec_program *program, struct exec_result *result);
/* Where its threads stand that have not ended, by pid: the call that each is in. */
void exec_standing(const struct exec_program *program,
                   void (*fn)(void *arg, pid_t thread, const char *call), void *arg);

#endif
