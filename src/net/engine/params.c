/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What do the names of a stack's parameters mean, and what do the presets set? */
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "net/engine/params.h"
#include "net/engine/wire.h"

/* Of the longest MTU: what an interface's MTU allows counts then, and nothing else. */
enum { MSS_MAX = FRAME_MTU_MAX - IP_HEADER - TCP_HEADER };

/*
 * Linux 2.4 (net/ipv4/tcp.h, tcp.c, af_inet.c and Documentation/networking/ip-sysctl.txt of 2.4).
 * Buffers are counted in payload bytes here, while Linux counts whole sk_buffs:
 * - rcvbuf: tcp_rmem's default of 87,380, of which tcp_adv_win_scale = 2 leaves three quarters to
 *   payload, hence the window of 65,535 on its wire;
 * - sndbuf: auto-tuning ends at tcp_wmem's 131,072, about half of which is payload.
 */
static const struct net_params linux_24 = {
	.sndbuf = 65536,
	.rcvbuf = 65535,
	.sndbuf_max = 65535, /* sysctl_wmem_max */
	.rcvbuf_max = 65535, /* sysctl_rmem_max */
	.sack = true,
	.timestamps = true,
	.window_scaling = true,
	.newreno = true,
	.limited_transmit = true, /* RFC 3042; 2.4 gets the same from FACK's packet count */
	.dsack = true,            /* RFC 2883 */
	.ecn = false,             /* tcp_ecn: routers dropped SYNs that asked for it */
	.fack = true,             /* tcp_fack */
	.rate_halving = true,     /* tcp_cwnd_down(), tcp_moderate_cwnd() */
	.adapt_reordering = true, /* tcp_update_reordering() */
	.undo = true,             /* tcp_try_undo_dsack(), tcp_packet_delayed() */
	.nagle_default = true,
	.minshall = true,            /* tcp_minshall_check() */
	.idle_restart = true,        /* RFC 2581 4.1 */
	.idle_decay = true,          /* tcp_cwnd_restart() */
	.linux_rto = true,           /* tcp_rtt_estimator(): TCP_RTO_MIN bounds the variance */
	.growing_window = true,      /* tcp_grow_window(), __tcp_select_window() */
	.linux_window = true,        /* tcp_may_update_window() */
	.stdurg = false,             /* tcp_stdurg */
	.urgent_zero = true,         /* tcp_check_urg() */
	.cork_or_nodelay = true,     /* tcp_setsockopt(), until 2.5.71 */
	.last_fragment_first = true, /* ip_build_xmit_slow() */
	.early_timestamp = false,    /* tcp_replace_ts_recent() comes behind tcp_sequence() */
	.rfc5961 = false,            /* came in 3.6 */
	.syncookies = false,         /* tcp_syncookies */
	.bsd_syncache = false,
	.rfc1337 = false,            /* tcp_rfc1337 */
	.connect_recycles = true,    /* __tcp_v4_check_established() */
	.icmp_aborts_connect = true, /* tcp_v4_err() */
	.mss = MSS_MAX,
	.initial_window = 0,              /* RFC 3390: 3 segments of 1,460 */
	.dupack_threshold = 3,            /* tcp_reordering */
	.rto_initial = 3 * SIM_S,         /* TCP_TIMEOUT_INIT; RFC 2988 2.1 */
	.rto_min = 200 * SIM_MS,          /* TCP_RTO_MIN */
	.rto_max = 120 * SIM_S,           /* TCP_RTO_MAX */
	.delack_min = 40 * SIM_MS,        /* TCP_DELACK_MIN, TCP_ATO_MIN */
	.delack_max = 200 * SIM_MS,       /* TCP_DELACK_MAX */
	.delack_segments = 2,             /* RFC 1122 4.2.3.2 */
	.quickacks = 16,                  /* TCP_MAX_QUICKACKS */
	.persist_min = 200 * SIM_MS,      /* the probe timer starts at the RTO */
	.persist_max = 120 * SIM_S,       /* TCP_RTO_MAX */
	.time_wait = 60 * SIM_S,          /* TCP_TIMEWAIT_LEN */
	.keepalive_idle = 7200 * SIM_S,   /* tcp_keepalive_time */
	.keepalive_interval = 75 * SIM_S, /* tcp_keepalive_intvl */
	.keepalive_probes = 9,            /* tcp_keepalive_probes */
	.syn_retries = 5,                 /* tcp_syn_retries */
	.synack_retries = 5,              /* tcp_synack_retries */
	.retries1 = 3,                    /* tcp_retries1 */
	.retries2 = 15,                   /* tcp_retries2 */
	.port_low = 32768,                /* big machines; tcp.c, tcp_init() */
	.port_high = 61000,
	.somaxconn = 128,    /* SOMAXCONN */
	.syn_backlog = 1024, /* tcp_max_syn_backlog with 128 MB and more */
	.max_socks = 0,
	.time_wait_reuse = true,          /* a higher SYN reopens, RFC 1122 4.2.2.13 */
	.reassembly_timeout = 30 * SIM_S, /* IP_FRAG_TIME */
	.forward_icmp_errors = true,
};

/*
 * A card's firmware with a stack of the 4.4BSD family (TCP/IP Illustrated vol. 2, FreeBSD 4): ticks
 * of 500 and 200 ms, small buffers, no quick ACKs, few connections.
 */
static const struct net_params bsd_card = {
	.sndbuf = 32768,
	.rcvbuf = 32768,
	.sndbuf_max = 262144, /* kern.ipc.maxsockbuf */
	.rcvbuf_max = 262144,
	.sack = false, /* FreeBSD got SACK in 5.3 */
	.timestamps = false,
	.window_scaling = false,
	.newreno = true, /* net.inet.tcp.newreno of FreeBSD 4 */
	.limited_transmit = false,
	.dsack = false,
	.ecn = false, /* FreeBSD got ECN in 8.0 */
	.fack = false,
	.nagle_default = true,
	.minshall = false,   /* tcp_output(): idle */
	.bsd_acks = true,    /* tcp_input(): DELAY_ACK() */
	.bsd_window = true,  /* tcp_output(): adv, sb_hiwat / 4 */
	.bsd_closing = true, /* tcp_input(): TH_RST, SS_NOFDREF */
	.bsd_urgent = true,  /* tcp_usr_send(): t_force */
	.stdurg = false,
	.urgent_zero = false,         /* tcp_input(): th_urp != 0 */
	.cork_or_nodelay = false,     /* TF_NOPUSH and TF_NODELAY know nothing of each other */
	.last_fragment_first = false, /* ip_output() */
	.early_timestamp = true,
	.connect_recycles = false, /* tcp_connect() */
	.rfc5961 = false,
	.syncookies = true,           /* net.inet.tcp.syncookies, tcp_syncache.c of FreeBSD 4.5 */
	.bsd_syncache = true,         /* syncache_insert() */
	.rfc1337 = true,              /* tcp_input() of FreeBSD 4: TIME_WAIT ignores resets */
	.icmp_aborts_connect = false, /* tcp_notify() */
	.idle_restart = true,
	.mss = MSS_MAX,
	.initial_window = 0,
	.dupack_threshold = 3,      /* tcprexmtthresh */
	.linux_window = false,      /* tcp_input(): snd_wnd -= acked */
	.rto_initial = 3 * SIM_S,   /* TCPTV_RTOBASE */
	.rto_min = 1 * SIM_S,       /* TCPTV_MIN */
	.rto_max = 64 * SIM_S,      /* TCPTV_REXMTMAX */
	.delack_min = 200 * SIM_MS, /* the fast timer */
	.delack_max = 200 * SIM_MS,
	.delack_segments = 2,
	.quickacks = 0,
	.persist_min = 5 * SIM_S,         /* TCPTV_PERSMIN */
	.persist_max = 60 * SIM_S,        /* TCPTV_PERSMAX */
	.time_wait = 60 * SIM_S,          /* 2 x TCPTV_MSL */
	.keepalive_idle = 7200 * SIM_S,   /* TCPTV_KEEP_IDLE */
	.keepalive_interval = 75 * SIM_S, /* TCPTV_KEEPINTVL */
	.keepalive_probes = 8,            /* TCPTV_KEEPCNT */
	.syn_retries = 4,                 /* TCPTV_KEEP_INIT: 75 s */
	.synack_retries = 3,
	.retries1 = 3,
	.retries2 = 12,    /* TCP_MAXRXTSHIFT */
	.port_low = 49152, /* IPPORT_HIFIRSTAUTO */
	.port_high = 65535,
	.somaxconn = 128,
	.syn_backlog = 1024, /* entries of a small syncache */
	.max_socks = 4096,   /* connection blocks in the card's memory */
	.time_wait_reuse = true,
	.reassembly_timeout = 30 * SIM_S,
	.forward_icmp_errors = true,
};

bool net_params_preset(struct net_params *params, const char *preset) {
	if (g_str_equal(preset, "linux-2.4"))
		*params = linux_24;
	else if (g_str_equal(preset, "bsd-card"))
		*params = bsd_card;
	else
		return false;
	return true;
}

enum unit { UNIT_TIME, UNIT_BYTES, UNIT_COUNT, UNIT_BOOL };
static const char *const unit_names[] = {"time", "bytes", "count", "bool"};

struct descriptor {
	const char *name;
	size_t offset, size;
	enum unit unit;
	int64_t min, max;
};

#define P(field, unit, min, max)                                                                   \
	{                                                                                          \
		#field, offsetof(struct net_params, field),                                        \
			sizeof(((struct net_params *)0)->field), unit, min, max                    \
	}
#define P_FLAG(field) P(field, UNIT_BOOL, 0, 1)
#define P_TIME(field) P(field, UNIT_TIME, 1, 86400 * SIM_S)

static const struct descriptor descriptors[] = {
	P(sndbuf, UNIT_BYTES, 1, 1 << 30),
	P(rcvbuf, UNIT_BYTES, 1, 1 << 30),
	P(sndbuf_max, UNIT_BYTES, 1, 1 << 30),
	P(rcvbuf_max, UNIT_BYTES, 1, 1 << 30),
	P_FLAG(sack),
	P_FLAG(timestamps),
	P_FLAG(window_scaling),
	P_FLAG(newreno),
	P_FLAG(limited_transmit),
	P_FLAG(dsack),
	P_FLAG(ecn),
	P_FLAG(fack),
	P_FLAG(rate_halving),
	P_FLAG(adapt_reordering),
	P_FLAG(undo),
	P_FLAG(nagle_default),
	P_FLAG(minshall),
	P_FLAG(bsd_acks),
	P_FLAG(bsd_window),
	P_FLAG(bsd_closing),
	P_FLAG(bsd_urgent),
	P_FLAG(idle_restart),
	P_FLAG(idle_decay),
	P_FLAG(linux_rto),
	P_FLAG(growing_window),
	P_FLAG(linux_window),
	P_FLAG(stdurg),
	P_FLAG(urgent_zero),
	P_FLAG(cork_or_nodelay),
	P_FLAG(last_fragment_first),
	P_FLAG(early_timestamp),
	P_FLAG(rfc5961),
	P_FLAG(syncookies),
	P_FLAG(bsd_syncache),
	P_FLAG(rfc1337),
	P_FLAG(connect_recycles),
	P_FLAG(icmp_aborts_connect),
	P(mss, UNIT_BYTES, 64, MSS_MAX),
	P(initial_window, UNIT_COUNT, 0, 1000),
	P(dupack_threshold, UNIT_COUNT, 1, 1000),
	P_TIME(rto_initial),
	P_TIME(rto_min),
	P_TIME(rto_max),
	P(delack_min, UNIT_TIME, 0, SIM_S / 2 - 1), /* RFC 1122 4.2.3.2: less than 0.5 s */
	P(delack_max, UNIT_TIME, 0, SIM_S / 2 - 1),
	P(delack_segments, UNIT_COUNT, 1, 255),
	P(quickacks, UNIT_COUNT, 0, 255),
	P_TIME(persist_min),
	P_TIME(persist_max),
	P(time_wait, UNIT_TIME, 0, 86400 * SIM_S),
	P_TIME(keepalive_idle),
	P_TIME(keepalive_interval),
	P(keepalive_probes, UNIT_COUNT, 1, 255),
	P(syn_retries, UNIT_COUNT, 0, 30),
	P(synack_retries, UNIT_COUNT, 0, 30),
	P(retries1, UNIT_COUNT, 1, 30),
	P(retries2, UNIT_COUNT, 1, 30),
	P(port_low, UNIT_COUNT, 1, 65535),
	P(port_high, UNIT_COUNT, 1, 65535),
	P(somaxconn, UNIT_COUNT, 0, 65535),
	P(syn_backlog, UNIT_COUNT, 1, 1 << 30),
	P(max_socks, UNIT_COUNT, 0, UINT32_MAX),
	P_FLAG(time_wait_reuse),
	P_TIME(reassembly_timeout),
	P_FLAG(forward_icmp_errors),
	P_FLAG(forward),
	P(isn, UNIT_COUNT, 0, UINT32_MAX),
	P(timestamp_start, UNIT_COUNT, 0, UINT32_MAX),
};

int net_params_set(struct net_params *params, const char *name, int64_t value) {
	for (size_t i = 0; i < G_N_ELEMENTS(descriptors); i++) {
		const struct descriptor *d = &descriptors[i];

		if (strcmp(d->name, name) != 0)
			continue;
		if (value < d->min || value > d->max)
			return -ERANGE;
		/* The low bytes of a little-endian integer are the field, whatever its width. */
		memcpy((uint8_t *)params + d->offset, &value, d->size);
		return 0;
	}
	return -ENOENT;
}

bool net_params_get(const struct net_params *params, size_t i, const char **name, const char **unit,
                    int64_t *value) {
	if (i >= G_N_ELEMENTS(descriptors))
		return false;
	*name = descriptors[i].name;
	*unit = unit_names[descriptors[i].unit];
	*value = 0;
	memcpy(value, (const uint8_t *)params + descriptors[i].offset, descriptors[i].size);
	return true;
}
