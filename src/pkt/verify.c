/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets of the machine against the script's: found, put into the script's numbers, compared. */
#include <string.h>

#include "pkt/run.h"

/* --- formatting ------------------------------------------------------------------------------- */

static void format_option(GString *s, const struct packet_option *o) {
	switch (o->kind) {
	case OPTION_EOL:
		g_string_append(s, "eol");
		break;
	case OPTION_NOP:
		g_string_append(s, "nop");
		break;
	case OPTION_MSS:
		g_string_append_printf(s, "mss %u", o->a);
		break;
	case OPTION_WSCALE:
		g_string_append_printf(s, "wscale %u", o->a);
		break;
	case OPTION_SACK_OK:
		g_string_append(s, "sackOK");
		break;
	case OPTION_SACK:
		g_string_append(s, "sack");
		for (unsigned i = 0; i < o->blocks; i++)
			g_string_append_printf(s, " %u:%u", o->start[i], o->end[i]);
		break;
	case OPTION_TS:
		g_string_append_printf(s, "TS val %u ecr %u", o->a, o->b);
		break;
	default:
		g_string_append_printf(s, "option %u", o->kind);
		break;
	}
}

static void format_tcp(GString *s, const struct packet *p) {
	static const char letters[] = "FSRP.UEW";

	if (!p->flags)
		g_string_append_c(s, '-');
	for (unsigned i = 0; i < 8; i++)
		if (p->flags & 1U << i)
			g_string_append_c(s, letters[i]);
	g_string_append_printf(s, " %u:%u(%u)", p->seq, p->seq + p->len, p->len);
	if (p->flags & FLAG_ACK)
		g_string_append_printf(s, " ack %u", p->ack);
	if (p->win >= 0)
		g_string_append_printf(s, " win %d", (int)p->win);
	if (p->urg)
		g_string_append_printf(s, " urg %u", p->urg);
	if (p->any_options)
		g_string_append(s, " <...>");
	for (unsigned i = 0; i < p->n_options; i++) {
		g_string_append(s, i ? "," : " <");
		format_option(s, &p->options[i]);
	}
	if (p->n_options)
		g_string_append_c(s, '>');
}

char *packet_format(const struct packet *p) {
	GString *s = g_string_new(NULL);

	if (p->remote_port)
		g_string_append_printf(s, "%u > %u ", p->local_port, p->remote_port);
	if (p->kind == PACKET_TCP)
		format_tcp(s, p);
	else if (p->kind == PACKET_UDP)
		g_string_append_printf(s, "udp (%u)", p->len);
	else
		g_string_append_printf(s, "icmp type %u code %u mtu %u", p->icmp_type, p->icmp_code,
		                       p->icmp_mtu);
	return g_string_free(s, FALSE);
}

/* --- from the wire to the script's numbers ---------------------------------------------------- */

/* One option; false: malformed. */
static bool read_option(const struct conn *c, const uint8_t *at, size_t len,
                        struct packet_option *o) {
	const uint8_t *v = at + 2;

	*o = (struct packet_option){.kind = at[0]};
	if (at[0] == OPTION_MSS && len == 4)
		o->a = (uint32_t)(v[0] << 8 | v[1]);
	else if (at[0] == OPTION_WSCALE && len == 3)
		o->a = v[0];
	else if (at[0] == OPTION_TS && len == 10) {
		uint32_t n[2];

		memcpy(n, v, 8);
		o->a = __builtin_bswap32(n[0]);
		o->b = __builtin_bswap32(n[1]);
	} else if (at[0] == OPTION_SACK && len <= 34 && (len - 2) % 8 == 0) {
		for (o->blocks = 0; o->blocks * 8U + 2 < len; o->blocks++) {
			uint32_t n[2];

			memcpy(n, v + 8 * o->blocks, 8);
			o->start[o->blocks] = __builtin_bswap32(n[0]) - c->remote_offset;
			o->end[o->blocks] = __builtin_bswap32(n[1]) - c->remote_offset;
		}
	} else {
		return at[0] == OPTION_SACK_OK && len == 2;
	}
	return true;
}

static bool read_options(const struct conn *c, const struct dissected *d, struct packet *p) {
	for (size_t at = 0; at < d->options_len;) {
		const uint8_t *o = d->options + at;
		size_t len = o[0] <= OPTION_NOP ? 1 : at + 1 < d->options_len ? o[1] : 0;

		if (!len || at + len > d->options_len || (o[0] > OPTION_NOP && len < 2))
			return false;
		if (o[0] <= OPTION_NOP)
			p->options[p->n_options++] = (struct packet_option){.kind = o[0]};
		else if (!read_option(c, o, len, &p->options[p->n_options++]))
			return false;
		at += len;
	}
	return true;
}

static bool read_packet(const struct conn *c, const struct dissected *d, struct packet *p) {
	*p = (struct packet){.ecn = d->tos & 3, .tos = d->tos & ~3, .ttl = d->ttl, .win = -1};
	p->len = d->payload;
	if (d->protocol == IPPROTO_UDP) {
		p->kind = PACKET_UDP;
		return true;
	}
	if (d->protocol == IPPROTO_ICMP) {
		p->kind = PACKET_ICMP;
		p->icmp_type = d->icmp_type;
		p->icmp_code = d->icmp_code;
		p->icmp_mtu = d->icmp_mtu;
		return true;
	}
	p->kind = PACKET_TCP;
	p->flags = d->flags;
	/* The reset of a segment without ACK has the number 0 itself (RFC 793 3.4). */
	p->seq = d->seq || !(d->flags & FLAG_RST) ? d->seq - c->local_offset : 0;
	p->ack = d->flags & FLAG_ACK ? d->ack - c->remote_offset : d->ack;
	p->win = d->win;
	p->urg = d->urg;
	return read_options(c, d, p);
}

/* --- which packet ----------------------------------------------------------------------------- */

static uint8_t protocol_of(enum packet_kind kind) {
	return kind == PACKET_TCP ? IPPROTO_TCP : kind == PACKET_UDP ? IPPROTO_UDP : IPPROTO_ICMP;
}

/* Another connection of the script's has these ports. */
static bool taken(struct run *r, const struct conn *c, const struct dissected *d) {
	for (guint i = 0; i < r->conns->len; i++) {
		const struct conn *other = r->conns->pdata[i];

		if (other != c && !other->connecting && protocol_of(other->kind) == d->protocol &&
		    other->local_port == d->sport && other->remote_port == d->dport)
			return true;
	}
	return false;
}

static bool belongs(struct run *r, struct conn *c, const struct packet *p,
                    const struct dissected *d) {
	if (d->protocol != protocol_of(p->kind))
		return false;
	if (p->kind == PACKET_ICMP)
		return true;
	if (c->connecting)
		return d->dport == c->remote_port && !taken(r, c, d);
	return d->sport == c->local_port && d->dport == c->remote_port;
}

/* Takes the first frame on the wire that belongs to the connection; others before it are passed
 * over, as packetdrill does. */
static struct frame *take_frame(struct run *r, struct conn *c, const struct packet *p,
                                struct dissected *d, sim_time *at) {
	struct seen *seen;

	while ((seen = g_queue_pop_head(&r->wire))) {
		struct frame *f = seen->frame;
		bool good = packet_dissect(f, d) && belongs(r, c, p, d);

		*at = seen->at;
		g_free(seen);
		if (good)
			return f;
		frame_free(f);
	}
	return NULL;
}

static bool wire_has(struct run *r, const void *unused) {
	(void)unused;
	return !g_queue_is_empty(&r->wire);
}

/* --- comparing -------------------------------------------------------------------------------- */

struct comparison {
	struct run *r;
	const struct event *ev;
	const struct packet *want, *have;
};

/* Reports in packetdrill's words. */
static bool differ(const struct comparison *cmp, const char *what) {
	g_autofree char *want = packet_format(cmp->want), *have = packet_format(cmp->have);

	return run_fail(cmp->r, cmp->ev->line,
	                "error handling packet: %s\nscript packet: %9.6f %s\nactual packet: %9.6f %s",
	                what, run_seconds(cmp->r, cmp->r->due), want,
	                run_seconds(cmp->r, cmp->r->base), have);
}

static bool field(const struct comparison *cmp, const char *name, uint32_t want, uint32_t have) {
	g_autofree char *what = NULL;

	if (want == have)
		return true;
	what = g_strdup_printf("live packet field %s: expected: %u (0x%x) vs actual: %u (0x%x)", name,
	                       want, want, have, have);
	return differ(cmp, what);
}

static bool same_flags(const struct comparison *cmp) {
	static const char *const names[] = {"tcp_fin", "tcp_syn", "tcp_rst", "tcp_psh",
	                                    "tcp_ack", "tcp_urg", "tcp_ece", "tcp_cwr"};

	for (unsigned i = 0; i < 8; i++)
		if (!field(cmp, names[i], cmp->want->flags >> i & 1, cmp->have->flags >> i & 1))
			return false;
	return true;
}

/* The clock of our time-stamps against the script's, if the script says how it ticks. */
static bool stamp_right(struct run *r, struct conn *c, const struct packet_option *want,
                        uint32_t live) {
	int64_t off;

	if (!c->have_stamp) {
		c->have_stamp = true;
		c->first_script_stamp = want->a;
		c->first_stamp = live;
	}
	g_hash_table_insert(c->stamps, GUINT_TO_POINTER(want->a), GUINT_TO_POINTER(live));
	if (!r->conf.ts_tick)
		return true;
	off = (int32_t)(live - c->first_stamp - (want->a - c->first_script_stamp));
	return ABS(off) <= r->conf.tolerance / r->conf.ts_tick + 1;
}

static bool same_option(struct run *r, struct conn *c, const struct packet_option *want,
                        struct packet_option *have) {
	if (want->kind != have->kind)
		return false;
	if (want->kind == OPTION_TS) {
		bool right = stamp_right(r, c, want, have->a);

		if (right)
			have->a = want->a;
		return right && want->b == have->b;
	}
	if (want->blocks != have->blocks || want->a != have->a)
		return false;
	for (unsigned i = 0; i < want->blocks; i++)
		if (want->start[i] != have->start[i] || want->end[i] != have->end[i])
			return false;
	return true;
}

static bool same_options(const struct comparison *cmp, struct conn *c, struct packet *have) {
	const struct packet *want = cmp->want;

	if (want->any_options) {
		return true;
	}
	for (unsigned i = 0; i < MIN(want->n_options, have->n_options); i++)
		if (!same_option(cmp->r, c, &want->options[i], &have->options[i]))
			return differ(cmp, "bad outbound TCP options");
	/* A list may end in padding that the script does not write. */
	for (unsigned i = want->n_options; i < have->n_options; i++)
		if (have->options[i].kind != OPTION_EOL)
			return differ(cmp, "bad outbound TCP options");
	return want->n_options <= have->n_options || differ(cmp, "bad outbound TCP options");
}

static bool same_ip(const struct comparison *cmp) {
	const struct packet *want = cmp->want, *have = cmp->have;

	return (want->ecn < 0 || field(cmp, "ipv4_ecn", (uint32_t)want->ecn, (uint32_t)have->ecn)) &&
	       (want->tos < 0 || field(cmp, "ipv4_tos", (uint32_t)want->tos, (uint32_t)have->tos)) &&
	       (want->ttl < 0 || field(cmp, "ipv4_ttl", (uint32_t)want->ttl, (uint32_t)have->ttl));
}

static bool same_tcp(const struct comparison *cmp, struct conn *c, struct packet *have) {
	const struct packet *want = cmp->want;

	return same_flags(cmp) && field(cmp, "tcp_seq", want->seq, have->seq) &&
	       field(cmp, "tcp_ack_seq", want->ack, have->ack) &&
	       field(cmp, "tcp_payload_length", want->len, have->len) &&
	       (want->win < 0 || field(cmp, "tcp_window", (uint32_t)want->win, (uint32_t)have->win)) &&
	       field(cmp, "tcp_urg_ptr", want->urg, have->urg) && same_options(cmp, c, have);
}

static bool same_icmp(const struct comparison *cmp) {
	const struct packet *want = cmp->want, *have = cmp->have;

	return field(cmp, "icmp_type", want->icmp_type, have->icmp_type) &&
	       field(cmp, "icmp_code", want->icmp_code, have->icmp_code) &&
	       field(cmp, "icmp_mtu", want->icmp_mtu, have->icmp_mtu);
}

/* The first SYN tells our initial sequence number, and a connection's port. */
static void learn(struct conn *c, const struct packet *p, const struct dissected *d) {
	if (p->kind != PACKET_ICMP && c->connecting) {
		c->connecting = false;
		c->local_port = d->sport;
	}
	if (p->kind == PACKET_TCP && !c->have_local && d->flags & FLAG_SYN && p->flags & FLAG_SYN) {
		c->have_local = true;
		c->local_offset = d->seq - p->seq;
	}
}

static bool compare(struct run *r, struct conn *c, const struct event *ev,
                    const struct dissected *d) {
	struct packet have;
	const struct comparison cmp = {r, ev, &ev->packet, &have};
	bool readable;

	learn(c, &ev->packet, d);
	readable = read_packet(c, d, &have);
	have.remote_port = ev->packet.remote_port ? d->dport : 0;
	have.local_port = d->sport;
	if (d->bad_checksum)
		return differ(&cmp, "bad checksum");
	if (!readable)
		return differ(&cmp, "malformed TCP options");
	if (!same_ip(&cmp))
		return false;
	if (have.kind == PACKET_UDP)
		return field(&cmp, "udp_len", ev->packet.len, have.len);
	return have.kind == PACKET_ICMP ? same_icmp(&cmp) : same_tcp(&cmp, c, &have);
}

bool verify_outbound(struct run *r, const struct event *ev, sim_time from, sim_time until) {
	struct conn *c = conn_for(r, ev);
	sim_time limit = until + r->conf.tolerance;
	struct dissected d;
	struct frame *f;
	sim_time at = 0;
	bool good;

	if (!c)
		return false;
	r->due = from;
	while (!(f = take_frame(r, c, &ev->packet, &d, &at))) {
		if (!run_wait(r, limit, wire_has, NULL)) {
			if (r->error)
				return false;
			return run_fail(r, ev->line, "error handling packet: "
			                "Timed out waiting for packet: expected outbound packet at %.6f sec",
			                run_seconds(r, from));
		}
	}
	r->base = at;
	if (d.fragment) {
		frame_free(f);
		return run_skip(r, ev->line, "outbound fragments");
	}
	good = compare(r, c, ev, &d);
	frame_free(f);
	return good && run_check_time(r, ev->line, "error handling packet: ", "outbound packet", from,
	                              until, at);
}
