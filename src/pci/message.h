/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What host and card say to each other: the only header that both include of what is between them.
 *
 * A command is a descriptor of 64 bytes: a head that all have, and the fields of its opcode.  An
 * answer is an entry of 64 bytes; an event is an entry that answers nothing.  Addresses and ports
 * are in host byte order; what is not said to be used is 0.
 */
#ifndef PCI_MESSAGE_H
#define PCI_MESSAGE_H

#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <stdint.h>

/*
 * X(NAME, type of its fields, field of comm_command.u, what it asks for, and what the answer says
 * beside the result, which is 0 or a negative errno unless another is named).
 */
#define COMM_OPS(X)                                                                                \
	X(NOP, comm_none, none, "is the card alive?")                                              \
	X(SOCKET, comm_socket, socket, "initialise the socket that the head names")                \
	X(BIND, comm_address, bind, "to this name; answers with the local name")                   \
	X(LISTEN, comm_listen, listen, "connections are welcome")                                  \
	X(ACCEPT, comm_accept, accept, "the next connection becomes the child; answers with its "  \
	                               "names, poll mask and interest")                            \
	X(CONNECT, comm_connect, connect, "to this name; answers with both names")                 \
	X(DISCONNECT, comm_none, none, "undoes connect")                                           \
	X(SEND, comm_send, send, "data, control messages last; result: bytes taken of the data")   \
	X(RECV, comm_recv, recv, "data, control messages last; result: bytes, of a datagram with " \
	                         "MSG_TRUNC all that it had; answers with the source")             \
	X(GETNAME, comm_getname, getname, "answers with both names")                               \
	X(SETSOCKOPT, comm_option, option, "data is the value")                                    \
	X(GETSOCKOPT, comm_option, option, "answers with the value as data; SO_ERROR: as result")  \
	X(SHUTDOWN, comm_shutdown, shutdown, "as shutdown()")                                      \
	X(LINGER, comm_none, none, "ends sending; answered when all is acknowledged, the FIN too") \
	X(RELEASE, comm_none, none, "forgets the socket; COMM_ABORT: with a reset")                \
	X(CANCEL, comm_cancel, cancel, "a command on this socket shall wait no longer")            \
	X(POLL, comm_none, none, "tell changes of the poll mask from now on")                      \
	X(QUERY, comm_query, query, "result: the number that the ioctl asks for")                  \
	X(CONFIG, comm_none, none, "set-up; data is a comm_config, which is answered with itself")

enum comm_opcode {
#define X(name, type, field, text) COMM_##name,
	COMM_OPS(X)
#undef X
		COMM_OPCODES
};
/* "SEND" */
const char *comm_opcode_name(unsigned opcode);

enum comm_flag {
	COMM_NONBLOCK = 1,   /* what would wait is answered -EAGAIN or -EINPROGRESS */
	COMM_TO_CARD = 2,    /* the card fetches `length` bytes at `data` with the command */
	COMM_TO_HOST = 4,    /* the card may write up to `length` bytes to `data` */
	COMM_QUIET = 8,      /* the answer needs no interrupt unless it is an error */
	COMM_ABORT = 16,     /* of RELEASE: the connection shall be reset */
	COMM_CONTINUES = 32, /* the call has moved bytes: an error is left for the next one */
};

/* A socket of a card, named by the host. */
struct comm_handle {
	uint32_t index, generation;
};

/* Bytes of data that one command may carry, control messages not counted. */
#define COMM_MAX_DATA 65536U

/* --- the fields of each opcode -------------------------------------------------------------- */

struct comm_none {
	uint32_t unused;
};

struct comm_socket {
	int32_t type, protocol; /* SOCK_, IPPROTO_ or 0 */
};

struct comm_address {
	uint32_t addr;
	uint16_t port;
};

struct comm_listen {
	int32_t backlog;
};

struct comm_accept {
	struct comm_handle child; /* the name that the connection gets */
};

struct comm_connect {
	struct comm_address to;
	uint8_t again; /* 1: goes on waiting for the attempt under way */
};

struct comm_send {
	struct comm_address to; /* of a datagram; port 0: the one connected to */
	int32_t flags;          /* MSG_ */
	uint32_t control;       /* so many bytes, the last of the data, are control messages */
};

struct comm_recv {
	int32_t flags;    /* MSG_ */
	uint32_t least;   /* bytes to wait for, of a stream */
	uint32_t control; /* so much of the room, the last, is for control messages */
};

struct comm_getname {
	uint8_t peer; /* 1: the peer's is wanted; -ENOTCONN if there is none */
};

struct comm_option {
	int32_t level, name; /* SOL_SOCKET, IPPROTO_ */
};

struct comm_shutdown {
	int32_t how; /* SHUT_ */
};

struct comm_cancel {
	uint32_t id; /* of the command */
};

struct comm_query {
	uint32_t request; /* SIOCINQ, SIOCOUTQ or SIOCATMARK */
};

/* The data of CONFIG: an interface, route or ARP ioctl of the host, so that its shadow and the
 * card's own stack are configured by the same code. */
struct comm_config {
	unsigned long request; /* SIOC... */
	union {
		struct ifreq ifr;
		struct rtentry rt; /* rt_dev is a pointer of the host's: not used */
		struct arpreq arp;
	} arg;
	char device[IFNAMSIZ]; /* a route's rt_dev, "" = none */
};

/* --- command and completion ----------------------------------------------------------------- */

#define COMM_FIELDS_BYTES 16U

struct comm_command {
	uint32_t id, generation; /* of the command */
	struct comm_handle sock;
	uint8_t opcode, flags; /* enum comm_opcode, comm_flag */
	uint32_t length;
	void *data; /* in host memory; stays put until the answer */
	union {
		struct comm_none none;
		struct comm_socket socket;
		struct comm_address bind;
		struct comm_listen listen;
		struct comm_accept accept;
		struct comm_connect connect;
		struct comm_send send;
		struct comm_recv recv;
		struct comm_getname getname;
		struct comm_option option;
		struct comm_shutdown shutdown;
		struct comm_cancel cancel;
		struct comm_query query;
	} u; /* the opcode says which */
};

enum comm_kind { COMM_ANSWER, COMM_EVENT };

struct comm_completion {
	uint32_t id, generation; /* of the command; 0 in events */
	struct comm_handle sock;
	int32_t result;  /* 0, a count, or a negative errno */
	uint32_t length; /* bytes written to the command's data */
	/* the socket's name (of ACCEPT: the child's); the peer's, or a datagram's source, where the
	 * opcode answers with it */
	uint32_t laddr, faddr;
	uint16_t lport, fport;
	uint16_t poll;       /* the socket's poll mask after this */
	uint16_t child_poll; /* of ACCEPT: the child's */
	uint32_t head;       /* the ring's own: descriptors fetched */
	uint32_t
		room; /* of a stream: bytes that its send buffer takes after this; of ACCEPT: the child's */
	uint16_t msg_flags; /* of RECV: MSG_TRUNC, MSG_CTRUNC, MSG_ERRQUEUE, MSG_OOB */
	uint16_t control;   /* of RECV: bytes of control messages, the last of those written */
	uint8_t kind;       /* enum comm_kind */
	uint8_t urgent;     /* of an event: urgent data have come */
	uint8_t state;      /* the socket's TCP state after this */
	uint8_t interest, child_interest; /* the host is told when their poll masks change */
	uint8_t damaged;                  /* its check sum, over the data too, is wrong */
};

#define COMM_ENTRY_BYTES 64U
#define X(name, type, field, text)                                                                 \
	_Static_assert(sizeof(struct type) <= COMM_FIELDS_BYTES &&                                 \
	               sizeof(struct type) == sizeof((struct comm_command *)0)->u.field,           \
	               "fields of " #name);
COMM_OPS(X)
#undef X
_Static_assert(sizeof(struct comm_command) == 48, "a command is as long as it says");
_Static_assert(sizeof(struct comm_completion) == 60, "and so is an answer");
_Static_assert(sizeof(struct comm_command) <= COMM_ENTRY_BYTES, "a descriptor is 64 bytes");
_Static_assert(sizeof(struct comm_completion) <= COMM_ENTRY_BYTES, "an entry is 64 bytes");

#endif
