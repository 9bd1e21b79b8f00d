/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A script as the parser leaves it: options and a list of events.
 *
 * The language is packetdrill's (Cardwell et al., USENIX ATC 2013, and its published syntax
 * reference): packets and system calls with times, assertions about the connection, shell lines.
 */
#ifndef PKT_SCRIPT_H
#define PKT_SCRIPT_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "sim/units.h"

/* How a script comes out; also the exit status of the process that ran it. */
enum outcome { OUTCOME_PASSED = 0, OUTCOME_FAILED = 1, OUTCOME_SKIPPED = 77 };

/* Why a script cannot be parsed or run on: wrong (FAILED) or beyond this runner (SKIPPED). */
#define SCRIPT_ERROR script_error_quark()
GQuark script_error_quark(void); /* codes: enum outcome */

/* --- expressions: arguments of system calls --------------------------------------------------- */

enum expr_kind {
	EXPR_ELLIPSIS, /* "...": whatever the runner thinks fit, or whatever comes out */
	EXPR_INTEGER,
	EXPR_STRING,
	EXPR_LIST,   /* [a, b] */
	EXPR_STRUCT, /* {name = a, b} */
};

struct expr {
	enum expr_kind kind;
	char *name; /* of a field, NULL: none */
	int64_t value;
	GString *text;    /* of a string */
	bool open;        /* "abc"...: of a string that goes on */
	GPtrArray *items; /* struct expr */
};

/* The field of that name, or NULL. */
const struct expr *expr_field(const struct expr *e, const char *name);

/* --- times ------------------------------------------------------------------------------------ */

/* Six weeks: two such times can be added. */
enum { SCRIPT_SECONDS_MAX = 4000000 };

enum time_kind { TIME_ABSOLUTE, TIME_RELATIVE, TIME_ANY };

struct event_time {
	enum time_kind kind;
	bool range;
	sim_time at, until; /* of a range: both ends, as written */
	/* Blocking calls: when they return; relative if the beginning is. */
	bool blocking;
	sim_time end;
};

/* --- packets ---------------------------------------------------------------------------------- */

enum packet_kind { PACKET_TCP, PACKET_UDP, PACKET_ICMP };

enum { OPTION_SACK_BLOCKS = 4, OPTION_DATA_MAX = 38 };

/* A TCP option; `kind` is its number (RFC 793, 1323, 2018). */
struct packet_option {
	uint8_t kind;
	uint8_t blocks;
	uint32_t a, b; /* value; for time-stamps val and ecr */
	uint32_t start[OPTION_SACK_BLOCKS], end[OPTION_SACK_BLOCKS];
	/* What stands behind kind and length of the others, which no stack here knows. */
	uint8_t len, data[OPTION_DATA_MAX];
};

enum {
	OPTION_EOL = 0,
	OPTION_NOP = 1,
	OPTION_MSS = 2,
	OPTION_WSCALE = 3,
	OPTION_SACK_OK = 4,
	OPTION_SACK = 5,
	OPTION_TS = 8,
	OPTION_MD5 = 19,         /* RFC 2385 */
	OPTION_FAST_OPEN = 34,   /* RFC 7413 */
	OPTION_EXPERIMENT = 254, /* RFC 6994; of Fast Open: 0xf989 and the cookie */
};

enum { OPTIONS_MAX = 40 };

enum tcp_flag_bit {
	FLAG_FIN = 1,
	FLAG_SYN = 2,
	FLAG_RST = 4,
	FLAG_PSH = 8,
	FLAG_ACK = 16,
	FLAG_URG = 32,
	FLAG_ECE = 64,
	FLAG_CWR = 128,
};

/* A packet as written, or as seen on the wire in the script's numbers. */
struct packet {
	enum packet_kind kind;
	bool inbound;      /* towards the machine */
	int ecn, tos, ttl; /* -1: not said; tos: the whole byte */
	bool any_ect;      /* [ect01] */
	bool fragment;     /* a part of the datagram, from byte frag_start to before frag_end */
	uint16_t frag_start, frag_end;
	uint16_t remote_port, local_port; /* 0: the current connection's */
	/* TCP */
	uint8_t flags;
	uint32_t seq, ack, len; /* len: payload, also of UDP */
	int64_t win;            /* -1: not said */
	uint16_t urg;
	bool any_options; /* <...> */
	unsigned n_options;
	struct packet_option options[OPTIONS_MAX];
	/* ICMP: what it quotes */
	uint8_t icmp_type, icmp_code;
	uint16_t icmp_mtu;
	uint16_t echo_id;  /* of an echo, 0: not said */
	uint32_t icmp_raw; /* length with the header of a message that is 0 behind it; 0: none */
	enum packet_kind quoted;
	bool quotes; /* says what */
};

/* --- events ----------------------------------------------------------------------------------- */

struct call {
	char *name;
	GPtrArray *args; /* struct expr */
	bool any_result; /* "= ..." */
	int64_t result;
	int error; /* expected errno, 0: none said */
};

enum event_kind { EVENT_CALL, EVENT_PACKET, EVENT_SHELL, EVENT_CODE };

struct event {
	enum event_kind kind;
	unsigned line;
	struct event_time time;
	union {
		struct call call;
		struct packet packet;
		char *text; /* of a shell line, of code */
	};
};

struct script_option {
	char *name, *value; /* "tolerance_usecs", "100" ("" if none) */
	unsigned line;
};

struct script {
	char *file;
	GPtrArray *options; /* struct script_option */
	GPtrArray *init;    /* shell lines before the first event: struct event */
	GPtrArray *events;  /* struct event */
	unsigned last_line; /* of the last event */
};

/* Reads a script.  `defines` (name -> text as written, owning both) gets the script's own
 * definitions too, where the name is new.  NULL and *error: unreadable, a syntax error (FAILED), or
 * a feature that this runner lacks (SKIPPED); messages begin with "file:line: ". */
struct script *script_parse(const char *file, GHashTable *defines, GError **error);
/* An option that goes before the script's own of that name. */
void script_add_option(struct script *script, const char *name, const char *value, unsigned line);
void script_free(struct script *script);

/* The value of a name such as SO_REUSEADDR. */
bool constant_find(const char *name, int64_t *value);
/* errno by name; 0 if there is none. */
int errno_find(const char *name);
const char *errno_name(int error); /* "EINVAL" */

#endif
