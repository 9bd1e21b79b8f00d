/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is a run told?  The way its calls take, tolerances, addresses and the parameters of the
 * stack under test, as options of scripts and of the command line set them.
 */
#ifndef PKT_CONF_H
#define PKT_CONF_H

#include <glib.h>

#include "net/engine/params.h"
#include "trace/file.h"

enum via { VIA_INET, VIA_SOP_INET, VIA_SOP_TOE };

struct run_conf {
	enum via via;
	sim_time tolerance;
	double tolerance_percent; /* of the time since the event before, if that is more */
	sim_time ts_tick;         /* of time-stamp values to be checked; 0: not checked */
	bool ts_ecr_scaled;       /* an echo may lie between values that were seen */
	bool strict_segments;     /* an outbound packet is one segment */
	bool complete;            /* all that is sent must be in the script */
	uint32_t gathered;        /* longer inbound segments come in pieces of it; 0: of the MTU */
	uint32_t isn;             /* where both sides' sequence numbers begin on the wire */
	bool have_isn;
	uint32_t local_ip, netmask, gateway_ip, remote_ip;
	uint16_t bind_port, connect_port, mtu;
	struct net_params net;    /* of the stack under test */
	const char *preset;       /* where they begin */
	struct trace_file *trace; /* of all that happens; NULL: none */
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

#endif
