/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The machine under a random sequence: NIC and up to six cards, a counterpart on each net, three
 * processes.  Its parts:
 *
 *     random_world.c     the machine, the processes
 *     random_calls.c     what the processes call
 *     random_faults.c    what happens to the cards, and what the driver must say of it
 *     random_witness.c   the process that none of it concerns
 *     random_data.c      the calls that move data
 *     random_groups.c    the calls that concern groups
 *     random_errnos.c    what each call may say
 *     random_partners.c  the machines at the other ends
 *     random_check.c     what must hold meanwhile and afterwards
 */
#ifndef TESTS_SOP_RANDOM_WORLD_H
#define TESTS_SOP_RANDOM_WORLD_H

#define NETS 7 /* before nets.h: RANDOM_CARDS and the NIC */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "host/core/kernel.h"
#include "net/wire/peer.h"
#include "nets.h"
#include "random_ops.h"
#include "toe/driver/toe.h"

#define SLOTS 6 /* descriptors that a process works with */
#define PORTS 2 /* 80 ... : those that processes bind and counterparts call */

#define RANDOM_BYTE 'Z' /* all that anybody sends */

struct actor {
	unsigned nr;
	bool killed;
	int fd[SLOTS];
	unsigned next_op;
};

/* Ends the run with a message. */
#define WRONG(...)                                                                                 \
	do {                                                                                           \
		printf("at %d us: ", (int)(random_now() / SIM_US));                                        \
		printf(__VA_ARGS__);                                                                       \
		printf("\n");                                                                              \
		fflush(stdout);                                                                            \
		_exit(1);                                                                                  \
	} while (0)

/* random_world.c */
sim_time random_now(void);
void random_later(sim_time delay, void (*fn)(void *arg), void *arg);
void random_note(uint64_t value); /* into the digest */
struct peer *random_peer(unsigned net);
unsigned random_net(uint32_t n); /* mostly one that has had a stack from the start */
bool random_is_spared(unsigned net);
uint32_t random_addr(unsigned net); /* the machine's own on that net's stack */
unsigned random_home(unsigned net); /* the net whose counterpart reaches that stack */

struct toe *random_toe(unsigned net); /* NULL: no card is there */
bool random_is_over(void);            /* all processes have ended */

/* random_faults.c */
void random_watch_card(unsigned net);
void random_fault(const struct random_op *op);
void random_check_faults(void);

/* random_witness.c: a program; `arg` is the net. */
int random_witness(struct task *me, void *arg);

/* random_errnos.c: is the errno one that such a call may give on a socket of that type? */
bool random_is_known(unsigned kind, int type, long result);

/* random_data.c */
long random_move(struct task *me, int fd, const struct random_op *op);

/* random_groups.c */
uint32_t random_group(uint32_t n);
long random_join(struct task *me, int fd, const struct random_op *op);
long random_leave(struct task *me, int fd, const struct random_op *op);
long random_mcast(struct task *me, int fd, const struct random_op *op);
long random_groute(struct task *me, int fd, const struct random_op *op);
long random_member(struct task *me, struct actor *a, const struct random_op *op);

/* random_calls.c: on a descriptor, or with some of the process's. */
int random_pick(struct task *me, const struct actor *a, const struct random_op *op);
void random_put(struct task *me, struct actor *a, uint32_t n, int fd);
long random_call(struct task *me, struct actor *a, int fd, const struct random_op *op);
struct sockaddr_in random_peer_name(const struct random_op *op);
long random_poll(struct task *me, const struct actor *a, const struct random_op *op);
long random_select(struct task *me, const struct actor *a, const struct random_op *op);
long random_server(struct task *me, struct actor *a, const struct random_op *op);
long random_client(struct task *me, struct actor *a, const struct random_op *op);
long random_receiver(struct task *me, struct actor *a, const struct random_op *op);

/* random_partners.c */
void random_partners(void);
void random_caller(const struct random_op *op);
void random_datagram(const struct random_op *op);
void random_gathering(const struct random_op *op); /* a datagram to a group */

/* random_check.c: what holds of every socket that no call is at; what is left at the end. */
void random_check_sockets(const struct kernel *k);
void random_check_card(const struct toe *toe);
void random_check_kernel(const struct kernel *k, const struct module *sop);

#endif
