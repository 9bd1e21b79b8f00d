/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options at IPPROTO_TCP (Linux 2.4, tcp_setsockopt() and tcp_getsockopt()). */
#include "net/engine/tcp.h"
#include "net/engine/tcp_sack.h"
#include "net/engine/tcp_send.h"
#include "net/engine/tcp_timer.h"

/* Half of SOCK_MIN_RCVBUF: a smaller window would make every segment a silly one. */
#define LEAST_CLAMP 128U

static void set_flag(struct tcp_sock *tp, uint32_t flag, int value) {
	if (value)
		tp->flags |= flag;
	else
		tp->flags &= ~flag;
}

static int set_seconds(uint32_t *field, int value, int most) {
	if (value < 1 || value > most)
		return -EINVAL;
	*field = (uint32_t)value;
	return 0;
}

static int set_byte(uint8_t *field, int value, int most) {
	if (value < 1 || value > most)
		return -EINVAL;
	*field = (uint8_t)value;
	return 0;
}

int tcp_setopt(struct user_sock *us, int name, int value) {
	struct tcp_sock *tp = (struct tcp_sock *)us;
	int err;

	switch (name) {
	case TCP_NODELAY:
		if (tcp_params(tp)->cork_or_nodelay && tp->flags & TF_CORK)
			return -EINVAL;
		set_flag(tp, TF_NODELAY, value);
		tcp_push(tp);
		return 0;
	case TCP_CORK:
		if (tcp_params(tp)->cork_or_nodelay && tp->flags & TF_NODELAY)
			return -EINVAL;
		set_flag(tp, TF_CORK, value);
		if (!value)
			tcp_push(tp);
		return 0;
	case TCP_MAXSEG:
		if (value < 8 || value > 32767)
			return -EINVAL;
		tp->user_mss = (uint16_t)value;
		return 0;
	case TCP_KEEPIDLE:
		err = set_seconds(&tp->keep_idle_s, value, 32767);
		if (!err)
			tcp_arm_keepalive(tp);
		return err;
	case TCP_KEEPINTVL:
		return set_seconds(&tp->keep_interval_s, value, 32767);
	case TCP_KEEPCNT:
		return set_byte(&tp->keep_probes, value, 127);
	case TCP_SYNCNT:
		return set_byte(&tp->syn_count, value, 127);
	case TCP_LINGER2:
		tp->linger2_s = value < 0 ? -1 : MIN(value, 60);
		return 0;
	case TCP_DEFER_ACCEPT:
		tp->defer_accept_s = (uint16_t)CLAMP(value, 0, 65535);
		return 0;
	case TCP_WINDOW_CLAMP:
		if (value < 0 || (!value && us->so.state != TCP_CLOSE))
			return -EINVAL;
		tp->window_clamp = value ? MAX((uint32_t)value, LEAST_CLAMP) : 0;
		return 0;
	case TCP_QUICKACK:
		set_flag(tp, TF_QUICKACK, value);
		if (value && tp->due[DUE_DELACK] != SIM_NEVER)
			tcp_send_ack(tp);
		return 0;
	default:
		return -ENOPROTOOPT;
	}
}

static uint32_t microseconds(sim_time t) { return (uint32_t)(t / SIM_US); }

static void fill_info(const struct tcp_sock *tp, struct tcp_info *info) {
	uint32_t full = MAX(tcp_full(tp), 1);

	*info = (struct tcp_info){
		.tcpi_state = tp->us.so.state,
		.tcpi_ca_state = tp->flags & TF_LOSS       ? TCP_CA_Loss
	                         : tp->flags & TF_RECOVERY ? TCP_CA_Recovery
	                         : tp->flags & TF_CWR      ? TCP_CA_CWR
	                         : tp->dupacks             ? TCP_CA_Disorder
	                                                   : TCP_CA_Open,
		.tcpi_retransmits = tp->retries,
		.tcpi_probes = tp->probes,
		.tcpi_backoff = tp->backoff,
		.tcpi_options = (uint8_t)((tp->flags & TF_TS ? TCPI_OPT_TIMESTAMPS : 0) |
	                                  (tp->flags & TF_SACK ? TCPI_OPT_SACK : 0) |
	                                  (tp->flags & TF_WSCALE ? TCPI_OPT_WSCALE : 0)),
		.tcpi_snd_wscale = tp->snd_wscale & 15,
		.tcpi_rcv_wscale = tp->rcv_wscale & 15,
		.tcpi_rto = microseconds(tcp_backed_off(tp)),
		.tcpi_ato = microseconds(tp->ato),
		.tcpi_snd_mss = tcp_full(tp),
		.tcpi_rcv_mss = tp->rcv_mss,
		.tcpi_unacked = (tp->snd_max - tp->snd_una + full - 1) / full,
		/* Without SACK each duplicate ACK stands for a segment that arrived. */
		.tcpi_sacked =
			tp->flags & TF_SACK ? (sack_bytes(tp) + full - 1) / full : tp->dupacks,
		.tcpi_lost = (tcp_lost_bytes(tp) + full - 1) / full,
		.tcpi_retrans = (tcp_resent_bytes(tp) + full - 1) / full,
		.tcpi_pmtu = tp->mss + IP_HEADER + TCP_HEADER,
		.tcpi_rcv_ssthresh = MIN(tp->rcv_ssthresh, tp->us.rcvbuf),
		.tcpi_rtt = microseconds(tp->srtt),
		.tcpi_rttvar = microseconds(tp->rttvar),
		.tcpi_snd_ssthresh = tp->ssthresh == G_MAXINT32 ? G_MAXINT32 : tp->ssthresh / full,
		.tcpi_snd_cwnd = tp->cwnd / full,
		.tcpi_advmss = tp->adv_mss,
		.tcpi_reordering = tp->reordering,
		.tcpi_total_retrans = tp->retransmits_total,
	};
}

int tcp_getopt(struct user_sock *us, int name, void *value, socklen_t *len) {
	const struct tcp_sock *tp = (const struct tcp_sock *)us;
	const struct net_params *p = tcp_params(tp);
	struct tcp_info info;
	int n;

	switch (name) {
	case TCP_INFO:
		fill_info(tp, &info);
		return option_put(value, len, &info, sizeof(info));
	case TCP_NODELAY:
		n = !!(tp->flags & TF_NODELAY);
		break;
	case TCP_CORK:
		n = !!(tp->flags & TF_CORK);
		break;
	case TCP_MAXSEG:
		n = tp->mss ? (int)tcp_full(tp) : tp->user_mss ? tp->user_mss : 536;
		break;
	case TCP_KEEPIDLE:
		n = tp->keep_idle_s ? (int)tp->keep_idle_s : (int)(p->keepalive_idle / SIM_S);
		break;
	case TCP_KEEPINTVL:
		n = tp->keep_interval_s ? (int)tp->keep_interval_s
		                        : (int)(p->keepalive_interval / SIM_S);
		break;
	case TCP_KEEPCNT:
		n = tp->keep_probes ? tp->keep_probes : p->keepalive_probes;
		break;
	case TCP_SYNCNT:
		n = tp->syn_count ? tp->syn_count : p->syn_retries;
		break;
	case TCP_LINGER2:
		n = tp->linger2_s ? tp->linger2_s : (int)(p->time_wait / SIM_S);
		break;
	case TCP_DEFER_ACCEPT:
		n = tp->defer_accept_s;
		break;
	case TCP_WINDOW_CLAMP:
		n = (int)tp->window_clamp;
		break;
	case TCP_QUICKACK:
		n = !(tp->flags & TF_PINGPONG);
		break;
	default:
		return -ENOPROTOOPT;
	}
	return option_put(value, len, &n, sizeof(n));
}
