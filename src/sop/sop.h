/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * SOP, Socket over PCI: the paper's module between the BSD socket layer and INET.
 *
 * Loading it replaces the INET entry of net_families[] by sop_family_ops.  From then on socket()
 * makes twin sockets, INET's and one on every card, and each operation goes to the stack or stacks
 * that it concerns (paper, section 3).  It uses the kernel's interfaces only: net_families[],
 * proto_ops, wait queues, kernel threads, the registry of offload devices (host/dev/toedev.h).
 */
#ifndef SOP_SOP_H
#define SOP_SOP_H

#include "host/core/kernel.h"
#include "host/socket/socket.h"

/* Most stacks of one machine, INET being one: the PCI buses of the time had fewer slots. */
#define SOP_STACKS_MAX 32

/* Choices of the module, as insmod parameters. */
struct sop_conf {
	/* accept on several stacks: the paper's threads, made anew for each call, or threads that
	 * stand as long as the listener. */
	enum { SOP_ACCEPT_PER_CALL, SOP_ACCEPT_STANDING } accept;
	/* blocking receive on several stacks: the paper's sweep at an interval, or sleep on all. */
	enum { SOP_RECV_INTERVAL, SOP_RECV_WAIT_ALL } receive;
	sim_time recv_interval;       /* of the sweep; 2.4: one tick */
	bool connect_on_refused_only; /* only a refusal, not a time-out, tries the next stack */
	bool listen_all_or_nothing;   /* a card's failure fails listen */
};

void sop_conf_default(struct sop_conf *conf);

/* The module, for module_load(); `conf` is copied.  The load is -ENOSPC where there are more cards
 * than stacks; a card that is added beyond is left to its own family.  Free with sop_module_free()
 * once it is unloaded or the kernel is freed: sockets left behind are released there. */
struct module *sop_module_new(const struct sop_conf *conf);
void sop_module_free(struct module *module);

extern const struct net_proto_family sop_family_ops;
extern const struct proto_ops sop_stream_ops;
extern const struct proto_ops sop_dgram_ops;

/* What the module decided, for run.json and sopstat: enumerates name and value; false past
 * the end.  Counts go on over a reload; valid until sop_module_free(). */
bool sop_counter(const struct module *module, size_t i, const char **name, uint64_t *value);

/* "Which stack is my socket on?": "inet", a card's name, or "any" while it is open; NULL if the
 * socket is not SOP's. */
const char *sop_stack_name(const struct socket *sock);
/* The stack that served a socket last, if several may: by which a datagram was sent, or from which
 * one was received.  "any": none yet; NULL if the socket is not SOP's. */
const char *sop_served_stack(const struct socket *sock, bool send);

/* A program's socket in SOP's list. */
struct sop_sock;
struct sop_sock_info {
	int type; /* SOCK_STREAM ... */
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	const char *stack; /* in charge, or "any" */
	const char *why;   /* what decided that: "bind", "connect" ...; "": nothing did */
};
/* Walks the list (NULL: first); valid while no program runs.  None if the module is not loaded. */
const struct sop_sock *sop_sock_next(const struct kernel *k, const struct sop_sock *ss);
void sop_sock_get(const struct sop_sock *ss, struct sop_sock_info *info);
/* The row of a socket; NULL if it is not SOP's. */
const struct sop_sock *sop_sock_of(const struct socket *sock);
/* The nth stack on which it has an inner socket; NULL past the end. */
const char *sop_sock_leg(const struct sop_sock *ss, unsigned n);

#endif
