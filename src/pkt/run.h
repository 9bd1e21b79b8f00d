/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A script being run: a simulated machine, the script at the other end of its wire, and two
 * processes of the machine that make the script's system calls.
 *
 * The interpreter is a process of the simulation but none of the machine's.  It walks through the
 * events: waits for an event's date, then injects the packet, has the call made, or waits for the
 * packet that the machine should send.  A call that is to block is left to the one process while
 * the other makes the calls that come meanwhile; both have the same descriptors.  All costs are 0
 * and the bus has next to no latency, so that the dates are the protocol's alone.
 */
#ifndef PKT_RUN_H
#define PKT_RUN_H

#include "host/core/kernel.h"
#include "host/dev/nic.h"
#include "host/socket/syscalls.h"
#include "net/wire/link.h"
#include "pkt/script.h"
#include "sop/sop.h"
#include "toe/driver/toe.h"

/* --- what a run is told ----------------------------------------------------------------------- */

enum via { VIA_INET, VIA_SOP_INET, VIA_SOP_TOE };

struct run_conf {
	enum via via;
	sim_time tolerance;
	double tolerance_percent;  /* of the time since the event before, if that is more */
	sim_time ts_tick;          /* of time-stamp values to be checked; 0: not checked */
	bool ts_ecr_scaled;        /* an echo may lie between values that were seen */
	bool strict_segments;      /* an outbound packet is one segment */
	bool complete;             /* all that is sent must be in the script */
	uint32_t gathered;         /* longer inbound segments come in pieces of it; 0: of the MTU */
	uint32_t isn;              /* where both sides' sequence numbers begin on the wire */
	bool have_isn;
	uint32_t local_ip, netmask, gateway_ip, remote_ip;
	uint16_t bind_port, connect_port, mtu;
	struct net_params net;     /* of the stack under test */
	const char *preset;        /* where they begin */
};

void run_conf_default(struct run_conf *conf);
/* The name by which scripts ask for the preset ("#ifdef BSD_CARD"); g_free() it. */
char *run_conf_preset_name(const struct run_conf *conf);
/* A script's or the command line's option; *error (SCRIPT_ERROR) if it is wrong or unsupported. */
bool run_conf_option(struct run_conf *conf, const char *name, const char *value, GError **error);
/* "KEY=VALUE" of --set tcp.KEY=VALUE. */
bool run_conf_set(struct run_conf *conf, const char *assignment, GError **error);
/* A shell line: sets what there is a parameter for.  NULL, or a note (g_free) why it is ignored. */
char *run_conf_shell(struct net_params *params, const char *line);

/* --- the machine (machine.c) ------------------------------------------------------------------ */

struct machine {
	struct sim *sim;
	struct kernel *kernel;
	struct pci_bus *bus;
	struct link *link, *idle_link;
	struct nic *nic;
	struct toe *toe;           /* NULL: none */
	struct module *sop;        /* NULL: not loaded */
	struct net_stack *stack;   /* the one under test */
	struct port *far;          /* the script's end of the wire */
};

bool machine_new(struct machine *m, const struct run_conf *conf, GError **error);
void machine_free(struct machine *m);

/* --- connections (conn.c) --------------------------------------------------------------------- */

/* What the script's numbers are on the wire. */
struct conn {
	uint16_t script_port;           /* the remote port that the script names, 0: none */
	uint16_t remote_port, local_port;
	enum packet_kind kind;          /* PACKET_TCP or PACKET_UDP */
	bool active;                    /* opened by the machine */
	bool connecting;                /* local port not known yet */
	bool answered;                  /* handshake complete, as far as the script sent it */
	bool have_remote, have_local;
	uint32_t remote_offset, local_offset; /* on the wire minus in the script, of SYNs */
	uint32_t remote_isn, local_isn; /* the script's, of each side's first SYN */
	GHashTable *stamps;             /* time-stamp values of ours: script's -> wire's */
	bool have_stamp;
	uint32_t first_script_stamp, first_stamp;
	int fd;                         /* script's descriptor, -1: none */
	uint32_t written, taken;        /* bytes through that descriptor (stream.c) */
	bool odd_in, odd_out;           /* there are bytes that are not as stream.c fills them in */
};

/* --- calls (worker.c) ------------------------------------------------------------------------- */

struct run;

/* A getsockopt() of the runner's own. */
struct probe {
	int fd, level, name, *len;
	void *value;
};

struct worker {
	struct run *run;
	struct task *task;
	struct wait_queue jobs;
	const struct event *event;  /* being made */
	const struct probe *probe;  /* instead; both NULL: idle */
	bool done;
	bool blocks;               /* it is meant to block; until `end` */
	sim_time begun, end, ended;
	int64_t result;            /* negative errno */
	char *complaint;           /* what was wrong with what came out */
};

enum { WORKERS = 2 };

/* --- the run (run.c) -------------------------------------------------------------------------- */

/* A frame that the machine sent. */
struct seen {
	struct frame *frame;
	sim_time at;
};

/* The fragments of the machine's that wait for the rest of their datagram. */
struct reassembly {
	uint16_t id;
	size_t have, total; /* total 0: the last was not seen yet */
	uint8_t bytes[65536];
};

struct run {
	const struct script *script;
	struct run_conf conf;
	struct machine m;
	struct sim_proc *proc;
	struct sim_event alarm;
	struct worker workers[WORKERS];
	GHashTable *fds;     /* script's -> machine's */
	GPtrArray *conns;    /* struct conn, newest last */
	struct conn *conn;   /* under test */
	GHashTable *listeners; /* script's descriptors that listen -> port */
	GHashTable *bound;     /* script's descriptor -> port that bind() gave */
	GQueue wire;         /* struct seen, not yet looked at */
	uint16_t next_port;
	uint16_t ip_id;
	const struct packet *fragment_before; /* the last packet sent, if it was a fragment */
	struct reassembly reassembly;
	bool listens_anew;   /* a socket has begun to listen, and no SYN has come for it */
	bool unsure;         /* bytes went through a descriptor of no known connection */
	GHashTable *variables; /* of code: name -> double * */
	sim_time start;      /* date of the script's time 0 */
	sim_time due;        /* when the event at hand should happen */
	sim_time base;       /* when the last event happened: of relative times */
	bool finished;       /* the last event is done */
	bool closing;        /* the calling processes end */
	GError *error;
};

/* Notes what went wrong (the first counts).  Always false. */
bool run_fail(struct run *r, unsigned line, const char *format, ...) G_GNUC_PRINTF(3, 4);
bool run_skip(struct run *r, unsigned line, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Date on the script's clock, in seconds. */
static inline double run_seconds(const struct run *r, sim_time date) {
	return sim_to_s(date - r->start);
}

/* Runs a script; *message (g_free) says what was wrong. */
enum outcome run_script(const struct script *script, const struct run_conf *conf, char **message);

/* How far off something may happen that was waited for so long. */
sim_time run_tolerance(const struct run *r, sim_time waited);
/* Checks a date against the expected one, within the tolerance; `since`: when the wait began. */
bool run_check_time(struct run *r, unsigned line, const char *prefix, const char *what,
                    sim_time from, sim_time until, sim_time happened, sim_time since);
/* Sleeps until ready() or the date; whether it is ready. */
bool run_wait(struct run *r, sim_time until, bool (*ready)(struct run *r, const void *arg),
              const void *arg);

/* conn.c */
/* On the wire minus in the script.  SYNs have the script's own numbers; in all other segments the
 * numbers count from each side's initial one, as in packetdrill. */
static inline uint32_t conn_remote(const struct conn *c, uint8_t flags) {
	return c->remote_offset + (flags & FLAG_SYN ? 0 : c->remote_isn);
}
static inline uint32_t conn_local(const struct conn *c, uint8_t flags) {
	return c->local_offset + (flags & FLAG_SYN ? 0 : c->local_isn);
}
struct conn *conn_new(struct run *r, enum packet_kind kind);
void conn_free(gpointer conn);
/* The connection that a packet of the script belongs to; makes one where the script begins one.
 * NULL after run_fail(). */
struct conn *conn_for(struct run *r, const struct event *ev);
struct conn *conn_by_remote_port(struct run *r, uint16_t port);

/* stream.c */
/* The byte at a sequence number that counts from the connection's initial one. */
uint8_t stream_byte(uint32_t seq);
/* Fills a buffer for the connection of a descriptor of the script's, whose first byte comes `ahead`
 * bytes behind what was written. */
void stream_fill(struct run *r, int64_t fd, size_t ahead, uint8_t *buf, size_t len);
/* n bytes were written (negative: none). */
void stream_wrote(struct run *r, int64_t fd, int64_t n);
/* Bytes of another origin are about to be written. */
void stream_odd(struct run *r, int64_t fd);
/* Whether bytes that were read (`taken`: for good) are the next ones. */
bool stream_read(struct run *r, int64_t fd, const uint8_t *buf, size_t n, bool taken);
/* Whether bytes that the machine sent from a sequence number are those. */
bool stream_sent(const struct run *r, const struct conn *c, uint32_t seq, const uint8_t *data,
                 size_t n);

/* packet.c */
/* Sends an inbound packet, in as many frames as it takes; false after run_fail(). */
bool packet_send(struct run *r, struct conn *c, const struct event *ev);

/* dissect.c */
/* What a frame of the machine holds; of a fragment only what IP says. */
struct dissected {
	uint8_t protocol, tos, ttl;
	bool fragment, more, bad_checksum; /* more: it is not the last fragment */
	uint16_t id;
	size_t frag_start, frag_end;
	uint32_t src, dst;
	uint16_t sport, dport;
	uint16_t payload;       /* bytes behind the transport header */
	uint32_t seq, ack;
	uint16_t win, urg;
	uint8_t flags, icmp_type, icmp_code;
	uint16_t echo_id, icmp_mtu;
	/* Of the packet that an ICMP message quotes: protocol (0: none), UDP's payload, TCP's seq. */
	uint8_t quoted;
	uint32_t quoted_number;
	uint8_t reserved;       /* the four bits before TCP's flags */
	const uint8_t *options, *data; /* data: TCP's payload */
	size_t options_len;
};
/* False if it is no IPv4 packet. */
bool packet_dissect(const struct frame *f, struct dissected *d);
/* Puts a fragment to those before it; true if the datagram is whole now, which *d then holds. */
bool packet_reassemble(struct run *r, const struct frame *f, struct dissected *d);
/* Answers an ARP request of the machine; takes the frame. False if it is none (frame not taken). */
bool packet_answer_arp(struct run *r, struct frame *f);

/* verify.c */
/* Looks for the outbound packet of an event and checks it. */
bool verify_outbound(struct run *r, const struct event *ev, sim_time from, sim_time until);
/* At a script's end: no packet of its connections may be left that it does not name. */
bool verify_rest(struct run *r);
/* A packet in the script's language (g_free). */
char *packet_format(const struct packet *p);

/* worker.c */
void workers_start(struct run *r);
bool call_event(struct run *r, const struct event *ev, sim_time when);
/* Checks blocking calls that have returned. */
bool workers_check(struct run *r);
/* Waits for the blocking calls that are still under way. */
bool workers_finish(struct run *r);
/* Ends the processes, which closes what the script left open. */
void workers_stop(struct run *r);
/* Makes a call of the runner's own in a process of the machine, at this instant. */
int worker_getsockopt(struct run *r, int fd, int level, int name, void *value, int *len);

/* calls.c: makes one system call; negative errno.  May leave a complaint. */
int64_t call_make(struct worker *w, const struct call *call);

/* code.c: "%{ ... }%" */
bool code_run(struct run *r, const struct event *ev);

#endif
