/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Inside the driver: what its files share.
 *
 *   driver.c       the card as a whole: life, faults, usage
 *   command.c      commands: slots, waiting, time-outs, a card that died
 *   suspect.c      what the driver does not believe
 *   channel.c      how commands and completions cross the bus: what all kinds of card share,
 *   channel_*.c    and a file a kind: with an interrupt for completions, with a ring that is polled
 *   config.c       addresses and routes: the shadow on the host, and the card's copy
 *   toe_sock.c     the host's half of a socket, and what streams and datagrams share
 *   toe_sock_ops.c proto_ops that both have
 *   toe_stream.c, toe_dgram.c, family.c
 *
 * A command lives in a slot with a generation.  Its owner either waits for the answer and frees
 * the slot, or posts it and forgets it.  A command that waits for the network can be cancelled, and
 * the canceller still waits for the answer: so there is exactly one answer to each command, and a
 * connection or bytes that raced in are not lost but returned.
 *
 * Life of a toe_sock: from create or accept to release.  What arrives for it later is recognised
 * by the generation of its handle, counted and dropped.
 */
#ifndef TOE_DRIVER_H
#define TOE_DRIVER_H

#include <glib.h>

#include "host/core/soft_timer.h"
#include "host/dev/toedev.h"
#include "pci/comm.h"
#include "sim/watch.h"
#include "toe/driver/toe.h"

struct toe_cmd;
struct toe_sock;

enum toe_cmd_state { TOE_CMD_FREE, TOE_CMD_SENT, TOE_CMD_DONE };

struct toe_cmd {
	struct comm_command c;
	struct comm_completion answer; /* when DONE */
	struct toe *toe;
	enum toe_cmd_state state;
	bool posted;  /* nobody waits for the answer */
	bool patient; /* may wait for the network: has no time-out */
	bool spun;    /* the task has spun for it: it sleeps from now on */
	bool stream;  /* of a stream socket: says which errno a dead card gives */
	sim_time deadline;
	struct toe_cmd *prev, *next; /* free ones; or those with a deadline, which ascends */
	struct wait_queue wait;
	uint8_t *buffer; /* for DMA; grows */
	size_t size;
};

/*
 * How commands reach a kind of card, and its completions the host.  Task context, or softirq where
 * said.  `submit` charges for the command and makes it visible to the card; it may sleep for room,
 * unless in softirq, where it is false if there is none.  `wait` sleeps until the command may be
 * DONE, a signal came if the task's state allows, or the time is over, and returns what is left of
 * it.  `collect` takes one completion that has arrived and hands it to toe_complete(); false if
 * there was none.  `interrupt` is the handler of the card's line.  `open` and `close` (NULL: nothing
 * to do) make and end what the kind has of its own; commands still outstanding are lost then.
 */
struct comm_ops {
	bool on_demand; /* the card interrupts only when armed */
	void (*open)(struct toe *toe);
	void (*close)(struct toe *toe);
	bool (*submit)(struct toe *toe, struct toe_cmd *cmd);
	sim_time (*wait)(struct toe *toe, struct toe_cmd *cmd, sim_time timeout);
	bool (*collect)(struct toe *toe);
	irq_handler interrupt;
};

/* A polled channel's own. */
struct toe_poll {
	struct soft_timer timer;
	bool due;        /* the tasklet shall look */
	bool acking;     /* the write that ends the interrupt is on its way */
	unsigned empty;  /* looks in a row that found nothing */
	unsigned unrung; /* commands that no doorbell has told of */
};

struct toe_slot {
	struct toe_sock *ts;
	uint32_t generation;
};

struct toe {
	struct kernel *kernel;
	struct pci_dev *dev;
	struct comm *comm;
	struct card *card;
	struct toedev td;
	struct toe_conf conf;
	const struct comm_ops *channel;
	struct toe_poll poll;

	struct net_stack *shadow;
	struct net_if *shadow_if;
	uint32_t index; /* of its interface, there and on the card */

	GPtrArray *cmds; /* every toe_cmd, by id */
	struct toe_cmd *free_cmds;
	struct toe_cmd *timed, *timed_last;
	unsigned outstanding;     /* commands SENT */
	struct wait_queue room;   /* for tasks that wait for a descriptor */
	struct sim_event watchdog;
	struct sim_duty duty; /* the watchdog's: the deadlines of `timed` */
	bool watchdog_due, failing; /* for the tasklet */
	bool announced;           /* the card has interrupted, and the tasklet has not taken all */
	unsigned watched;         /* sockets of whose changes the card shall tell */
	unsigned idle_irqs;       /* interrupts in a row that found nothing */
	uint64_t silent_at;       /* completions taken when some lay there without an interrupt */
	const char *why;          /* what the driver says of a card that is dead or doomed; NULL */
	void (*on_death)(void *arg, const char *why);
	void *on_death_arg;
	struct pci_stall stall;   /* of posted writes, not yet charged */

	GArray *slots; /* struct toe_slot, by index of handles */
	GArray *free_slots;

	uint64_t n_late;
};

static inline struct toe *td_toe(const struct toedev *td) { return td->priv; }

/* driver.c */
extern const struct toedev_ops toe_toedev_ops;
/* Is it one of this driver's? */
static inline bool is_toe(const struct toedev *td) { return td->ops == &toe_toedev_ops; }

/* --- command.c --- */

void commands_init(struct toe *toe);
void commands_exit(struct toe *toe);
/* A free slot for a command on socket `ts` (NULL: on the card). */
struct toe_cmd *toe_cmd_new(struct toe *toe, const struct toe_sock *ts, enum comm_opcode opcode);
void toe_cmd_free(struct toe_cmd *cmd);
/* Room for `len` bytes of data in host memory, which go in `direction` (COMM_TO_...). */
void *toe_cmd_data(struct toe_cmd *cmd, size_t len, unsigned direction);
/* Sends it and waits for the answer, whatever happens: its result. */
int toe_cmd_call(struct toe_cmd *cmd);
/* Sends it and waits for the answer, at most *timeout, which is brought up to date (0: the card
 * itself was told not to wait); a signal ends the wait as well.  The result, or -EINTR as
 * sock_intr_errno() has it, or -EAGAIN when the time was over. */
int toe_cmd_wait(struct toe_cmd *cmd, sim_time *timeout);
/* Sends it and forgets it. `quiet`: its answer is worth no interrupt. */
void toe_cmd_post(struct toe_cmd *cmd, bool quiet);
/* From the channel: an answer or an event arrived.  Charges. */
void toe_complete(struct toe *toe, const struct comm_completion *entry);
/* The tasklet's part for a card: one step of what is to do; true if there is more. */
bool commands_step(struct toe *toe);
/* The command that an entry answers; NULL: it is an event, or nobody waits for it. */
struct toe_cmd *command_of(const struct toe *toe, const struct comm_completion *entry);
/* The card does not answer, lies, or is gone: see toedev_failed().  Softirq or task context. */
void toe_died(struct toe *toe, const char *why);
/* The same from anywhere: the tasklet will see to it.  The first reason counts. */
void toe_doomed(struct toe *toe, const char *why);

/* --- suspect.c --- */

/* What is wrong with an entry, which answers `cmd` if any; NULL: nothing. */
const char *suspect_entry(const struct toe *toe, const struct comm_completion *entry,
                          const struct toe_cmd *cmd);
/* The card has interrupted. */
void suspect_interrupt(struct toe *toe);
/* The watchdog's look at the ring.  When it shall look again, from now; 0: nothing is suspicious, or
 * the card is dead. */
sim_time suspect_silence(struct toe *toe);

/* --- channel.c --- */

/* Takes a descriptor; a task sleeps until there is one.  False in softirq context if there is none,
 * and when the card died. */
bool channel_reserve(struct toe *toe);
/* Charges for building the command and writes it into the descriptor. */
void channel_publish(struct toe *toe, struct toe_cmd *cmd);
/* Rings the doorbell behind the charges so far; arms the card with it (comm_arm()). */
void channel_ring(struct toe *toe);
/* A posted write found the bridge full: the stall is charged with what comes next. */
void channel_stalled(struct toe *toe, sim_time stall);
void channel_arm(struct toe *toe);
/* Takes one completion, and gives credit back when it is due; false if there is none. */
bool channel_take(struct toe *toe);

/* --- channel_*.c: a file a kind (meson.build) --- */

#define X(kind, KIND) extern const struct comm_ops channel_##kind;
TOE_KINDS(X)
#undef X

/* --- config.c --- */

bool config_owns_addr(struct toedev *td, uint32_t addr);
int config_route(struct toedev *td, uint32_t dst);
bool config_is_broadcast(struct toedev *td, uint32_t addr);
bool config_on_link(struct toedev *td, uint32_t addr);
int config_ioctl(struct toedev *td, unsigned long cmd, void *arg);
int64_t config_route_metric(struct toedev *td, const struct rtentry *rt);
uint32_t config_generation(struct toedev *td);
void config_init(struct toe *toe);
void config_exit(struct toe *toe);

#endif
