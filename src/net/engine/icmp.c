/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ICMP (RFC 792, RFC 1122 3.2.2): echo, and errors in both directions. */
#include "net/engine/icmp.h"
#include "net/engine/chain.h"
#include "net/engine/internal.h"
#include "net/engine/ip.h"
#include "net/engine/netif.h"
#include "net/engine/wire.h"

static void icmp_send(struct net_stack *st, const struct ip_info *to, uint8_t *message,
                      size_t len) {
	struct path path = {0};
	struct ip_out out = {.dst = to->src,
	                     .protocol = IPPROTO_ICMP,
	                     .ttl = DEFAULT_TTL,
	                     .tos = to->tos,
	                     .kind = NET_KIND_OTHER};

	out.src = net_is_local(st, to->dst) ? to->dst : 0;
	if (path_find(st, &path, to->src, out.src, NULL)) {
		st->n.ip_no_route++;
		return;
	}
	if (!out.src)
		out.src = path_source(&path, to->src);
	put16(message + 2, 0);
	put16(message + 2, cksum_fold(cksum_add(0, message, len)));
	st->n.icmp_out++;
	ip_output_bytes(st, &path, &out, message, len);
}

static void tell(struct net_stack *st, const struct ip_info *ip, const uint8_t *packet,
                 size_t packet_len, uint8_t type, uint8_t code, uint16_t mtu) {
	/* As much as fits 576 bytes, RFC 1812 4.3.2.3 and Linux. */
	uint8_t message[576 - IP_HEADER] = {type, code};
	size_t quoted = MIN(packet_len, sizeof(message) - ICMP_HEADER);

	/* Never about an ICMP error, a later fragment, or what was not sent to one machine:
	 * RFC 1122 3.2.2. */
	if (ip->to_many || is_broadcast(st, ip->dst) || IN_MULTICAST(ip->dst) ||
	    (ip->flags_offset & IP_OFFSET) || !ip->src)
		return;
	if (ip->protocol == IPPROTO_ICMP &&
	    (packet_len <= ip->header || packet[ip->header] != ICMP_ECHO))
		return;
	put16(message + 6, mtu);
	memcpy(message + ICMP_HEADER, packet, quoted);
	icmp_send(st, ip, message, ICMP_HEADER + quoted);
}

void icmp_error(struct net_stack *st, const struct ip_info *ip, const uint8_t *packet,
                size_t packet_len, uint8_t type, uint8_t code) {
	tell(st, ip, packet, packet_len, type, code, 0);
}

void icmp_too_big(struct net_stack *st, const struct ip_info *ip, const uint8_t *packet,
                  size_t packet_len, uint16_t mtu) {
	tell(st, ip, packet, packet_len, ICMP_UNREACH, ICMP_UNREACH_NEEDFRAG, mtu);
}

void icmp_notify(struct net_stack *st, const uint8_t *quoted, size_t len,
                 const struct icmp_news *news) {
	const struct protocol *sender;
	struct ip_info ip;

	if (len < IP_HEADER)
		return;
	ip.header = (uint8_t)((quoted[0] & 15) * 4);
	if (ip.header < IP_HEADER || len < ip.header + 8U || get16(quoted + 6) & IP_OFFSET)
		return;
	ip.protocol = quoted[9];
	ip.src = get32(quoted + 12);
	ip.dst = get32(quoted + 16);
	if (news->mtu)
		pmtu_learn(st, ip.dst, news->mtu);
	sender = protocol_find(st->protocols, ip.protocol);
	if (sender && sender->icmp)
		sender->icmp(st, &ip, quoted + ip.header, len - ip.header, news);
}

/* errno and severity of each unreachable code: Linux 2.4, icmp_err_convert[]. */
static const struct {
	int error;
	bool hard;
} unreachable[] = {
	{ENETUNREACH, false},  {EHOSTUNREACH, false}, {ENOPROTOOPT, true},  {ECONNREFUSED, true},
	{EMSGSIZE, false},     {EOPNOTSUPP, false},   {ENETUNREACH, true},  {EHOSTDOWN, true},
	{ENONET, true},        {ENETUNREACH, true},   {EHOSTUNREACH, true}, {ENETUNREACH, false},
	{EHOSTUNREACH, false}, {EHOSTUNREACH, true},  {EHOSTUNREACH, true}, {EHOSTUNREACH, true},
};

/* A router that does not tell its MTU leaves guessing: the next lower plateau of RFC 1191 7.1. */
static uint16_t guess_mtu(uint16_t total) {
	static const uint16_t plateaus[] = {1492, 1006, 508, 296, 68};

	for (size_t i = 0; i < G_N_ELEMENTS(plateaus); i++)
		if (plateaus[i] < total)
			return plateaus[i];
	return 68;
}

static bool unreach(const uint8_t *m, size_t len, struct icmp_news *news) {
	uint8_t code = m[1];

	if (code >= G_N_ELEMENTS(unreachable) || len < ICMP_HEADER + IP_HEADER + 8)
		return false;
	news->error = unreachable[code].error;
	news->hard = unreachable[code].hard;
	if (code == ICMP_UNREACH_NEEDFRAG) {
		uint16_t total = get16(m + ICMP_HEADER + 2);

		news->mtu = get16(m + 6);
		if (news->mtu < 68 || news->mtu >= total)
			news->mtu = guess_mtu(total);
		news->info = news->mtu;
	}
	return true;
}

static void error_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                        const uint8_t *m, size_t len) {
	struct icmp_news news = {.type = m[0], .code = m[1], .ip = ip, .ifp = ifp};

	switch (m[0]) {
	case ICMP_UNREACH:
		if (!unreach(m, len, &news))
			return;
		break;
	case ICMP_EXCEEDED:
		news.error = EHOSTUNREACH;
		break;
	case ICMP_PARAMETER:
		news.error = EPROTO;
		news.hard = true;
		news.info = m[4]; /* where */
		break;
	case ICMP_QUENCH:
		news.quench = true;
		break;
	default:
		return;
	}
	icmp_notify(st, m + ICMP_HEADER, len - ICMP_HEADER, &news);
}

static void icmp_input(struct net_stack *st, struct net_if *ifp, const struct ip_info *ip,
                       struct frame *chain, size_t len) {
	bool many = IN_MULTICAST(ip->dst) || is_broadcast(st, ip->dst);
	uint8_t *m;

	st->n.icmp_in++;
	m = chain_flatten(chain, len);
	chain_free(chain);
	if (len < ICMP_HEADER || cksum_fold(cksum_add(0, m, len)) != 0) {
		g_free(m);
		return;
	}
	/* A group or a net may be asked who is there (sysctl_icmp_echo_ignore_broadcasts is 0 in 2.4),
	 * but told nothing. */
	if (m[0] == ICMP_ECHO) {
		m[0] = ICMP_ECHOREPLY;
		icmp_send(st, ip, m, len);
	} else if (!many && (st->params.forward_icmp_errors ||
	                     (m[0] == ICMP_UNREACH && m[1] == ICMP_UNREACH_NEEDFRAG))) {
		error_input(st, ifp, ip, m, len);
	}
	g_free(m);
}

const struct protocol icmp_protocol = {.input = icmp_input};
