/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets of the machine against the script's: found, put into the script's numbers, compared. */
#include "pkt/verify.h"

#include <string.h>

#include "pkt/bytes.h"
#include "pkt/conn.h"
#include "pkt/frames.h"
#include "pkt/run.h"
#include "pkt/stream.h"

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
		g_string_append_printf(s, "option %u ", o->kind);
		for (unsigned i = 0; i < o->len; i++)
			g_string_append_printf(s, "%02x", o->data[i]);
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

/* A packet in the script's language (g_free). */
static char *packet_format(const struct packet *p) {
	GString *s = g_string_new(NULL);

	if (p->fragment)
		g_string_append_printf(s, "[frag %u:%u] ", p->frag_start, p->frag_end);
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
static bool read_option(uint32_t remote, const uint8_t *at, size_t len, struct packet_option *o) {
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
			o->start[o->blocks] = __builtin_bswap32(n[0]) - remote;
			o->end[o->blocks] = __builtin_bswap32(n[1]) - remote;
		}
	} else if (at[0] == OPTION_SACK_OK) {
		return len == 2;
	} else if (at[0] == OPTION_MSS || at[0] == OPTION_WSCALE || at[0] == OPTION_TS ||
	           at[0] == OPTION_SACK) {
		return false;
	} else {
		o->len = (uint8_t)(len - 2);
		memcpy(o->data, v, o->len);
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
		else if (!read_option(conn_remote(c, d->flags), o, len,
		                      &p->options[p->n_options++]))
			return false;
		at += len;
	}
	return true;
}

static bool read_packet(const struct conn *c, const struct dissected *d, struct packet *p) {
	*p = (struct packet){.ecn = d->tos & 3, .tos = d->tos, .ttl = d->ttl, .win = -1};
	p->fragment = d->fragment;
	p->frag_start = (uint16_t)d->frag_start;
	p->frag_end = (uint16_t)d->frag_end;
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
		p->echo_id = d->echo_id;
		return true;
	}
	p->kind = PACKET_TCP;
	p->flags = d->flags;
	p->seq = d->seq - conn_local(c, d->flags);
	p->ack = d->flags & FLAG_ACK ? d->ack - conn_remote(c, d->flags) : d->ack;
	p->win = d->win;
	p->urg = d->urg;
	return read_options(c, d, p);
}

/* --- which packet ----------------------------------------------------------------------------- */

static uint8_t protocol_of(enum packet_kind kind) {
	return kind == PACKET_TCP ? IPPROTO_TCP : kind == PACKET_UDP ? IPPROTO_UDP : IPPROTO_ICMP;
}

/* The other connection of the script's that has these ports, or NULL. */
static const struct conn *taken(struct run *r, const struct conn *c, const struct dissected *d) {
	for (guint i = 0; i < r->conns->len; i++) {
		const struct conn *other = r->conns->pdata[i];

		if (other != c && !other->connecting && protocol_of(other->kind) == d->protocol &&
		    other->local_port == d->sport && other->remote_port == d->dport)
			return other;
	}
	return NULL;
}

static bool belongs(struct run *r, struct conn *c, const struct packet *p,
                    const struct dissected *d) {
	if (d->protocol != protocol_of(p->kind) || d->src != r->conf.local_ip ||
	    d->dst != r->conf.remote_ip)
		return false;
	if (p->kind == PACKET_ICMP || d->fragment)
		return true;
	if (c->connecting)
		return d->dport == c->remote_port && !taken(r, c, d);
	return d->sport == c->local_port && d->dport == c->remote_port;
}

/* Looks into a frame.  A fragment counts where the script has one, else the datagram does when it
 * is whole. */
static bool look(struct run *r, const struct packet *p, struct frame *f, struct dissected *d) {
	if (!packet_dissect(f, d))
		return false;
	if (!d->fragment || p->fragment)
		return true;
	if (!packet_reassemble(r, f, d))
		return false;
	d->fragment = false;
	return true;
}

/* Another connection, of those that the script names by their ports, has sent this. */
static bool is_of_another(struct run *r, const struct conn *c, const struct packet *p,
                          const struct dissected *d) {
	const struct conn *other = p->kind == PACKET_ICMP || d->fragment ? NULL : taken(r, c, d);

	return other && other->script_port && c->script_port;
}

/* Takes the first frame on the wire that belongs to the connection.  Others before it are passed
 * over, as packetdrill does; not so with several connections at once, whose packets come in the
 * order that the script says. */
static struct frame *take_frame(struct run *r, struct conn *c, const struct event *ev,
                                struct dissected *d, sim_time *at) {
	struct seen *seen;

	while (!r->error && (seen = g_queue_pop_head(&r->wire))) {
		struct frame *f = seen->frame;
		bool good = look(r, &ev->packet, f, d);

		*at = seen->at;
		g_free(seen);
		if (good && belongs(r, c, &ev->packet, d))
			return f;
		if (good && is_of_another(r, c, &ev->packet, d))
			run_fail(r, ev->line,
			         "error handling packet: packet is not for expected socket: "
			         "from port %u to port %u, flags 0x%x, at %.6f sec",
			         d->sport, d->dport, d->flags, run_seconds(r, *at));
		frame_free(f);
	}
	return NULL;
}

static bool wire_has(struct run *r, const void *unused) {
	(void)unused;
	return !g_queue_is_empty(&r->wire);
}

bool verify_rest(struct run *r) {
	struct seen *seen;

	while (!r->error && (seen = g_queue_pop_head(&r->wire))) {
		struct dissected d;
		const struct conn *c = NULL;

		if (packet_dissect(seen->frame, &d) && !d.fragment && d.protocol != IPPROTO_ICMP)
			c = taken(r, NULL, &d);
		if (c)
			run_fail(
				r, r->script->last_line,
				"the script ends, but a packet was sent that it does "
				"not name: from port %u to port %u, %u bytes, flags 0x%x, at %.6f sec",
				d.sport, d.dport, d.payload, d.flags, run_seconds(r, seen->at));
		frame_free(seen->frame);
		g_free(seen);
	}
	return !r->error;
}

/* Waits for one until then; NULL if none came (or after run_fail()). */
static struct frame *wait_frame(struct run *r, struct conn *c, const struct event *ev,
                                struct dissected *d, sim_time until, sim_time *at) {
	struct frame *f;

	while (!(f = take_frame(r, c, ev, d, at)))
		if (r->error || !run_wait(r, until, wire_has, NULL))
			return NULL;
	return f;
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

	return run_fail(
		cmp->r, cmp->ev->line,
		"error handling packet: %s\nscript packet: %9.6f %s\nactual packet: %9.6f %s", what,
		run_seconds(cmp->r, cmp->r->due), want, run_seconds(cmp->r, cmp->r->base), have);
}

static bool field(const struct comparison *cmp, const char *name, uint32_t want, uint32_t have) {
	g_autofree char *what = NULL;

	if (want == have)
		return true;
	what = g_strdup_printf("live packet field %s: expected: %u (0x%x) vs actual: %u (0x%x)",
	                       name, want, want, have, have);
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
	return ABS(off) <= r->conf.tolerance / r->conf.ts_tick;
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
	if (want->blocks != have->blocks || want->a != have->a || want->len != have->len ||
	    memcmp(want->data, have->data, want->len) != 0)
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

	if (want->any_ect && have->ecn != 1 && have->ecn != 2)
		return differ(cmp, "live packet field ip_ecn: expected: 0x1 or 0x2");
	return (want->ecn < 0 || field(cmp, "ip_ecn", (uint32_t)want->ecn, (uint32_t)have->ecn)) &&
	       (want->tos < 0 || field(cmp, "tos", (uint32_t)want->tos, (uint32_t)have->tos)) &&
	       (want->ttl < 0 || field(cmp, "ttl", (uint32_t)want->ttl, (uint32_t)have->ttl));
}

/* A fragment: which bytes it holds, and whether more follow. */
static bool same_fragment(const struct comparison *cmp, const struct dissected *d) {
	const struct packet *want = cmp->want;
	size_t total = want->len + (want->kind == PACKET_UDP ? UDP_BYTES : ICMP_BYTES);

	return field(cmp, "ipv4_fragment", 1, d->fragment) &&
	       field(cmp, "ipv4_fragment_start", want->frag_start, (uint32_t)d->frag_start) &&
	       field(cmp, "ipv4_fragment_end", want->frag_end, (uint32_t)d->frag_end) &&
	       field(cmp, "ipv4_more_fragments", want->frag_end < total, d->more);
}

static bool same_tcp(const struct comparison *cmp, struct conn *c, struct packet *have) {
	const struct packet *want = cmp->want;

	return same_flags(cmp) && field(cmp, "tcp_seq", want->seq, have->seq) &&
	       field(cmp, "tcp_ack_seq", want->ack, have->ack) &&
	       field(cmp, "tcp_payload_length", want->len, have->len) &&
	       (want->win < 0 ||
	        field(cmp, "tcp_window", (uint32_t)want->win, (uint32_t)have->win)) &&
	       field(cmp, "tcp_urg_ptr", want->urg, have->urg) && same_options(cmp, c, have);
}

/* The packet that an error is about: its protocol, and its length or its number. */
static bool same_quoted(const struct comparison *cmp, const struct conn *c,
                        const struct dissected *d) {
	const struct packet *want = cmp->want;
	bool udp = want->quoted == PACKET_UDP;

	if (!want->quotes)
		return true;
	if (!field(cmp, "icmp_echoed_protocol", protocol_of(want->quoted), d->quoted))
		return false;
	return udp ? field(cmp, "icmp_echoed_udp_len", want->len, d->quoted_number)
	           : field(cmp, "icmp_echoed_tcp_seq", want->seq,
	                   d->quoted_number - conn_remote(c, 0));
}

static bool same_icmp(const struct comparison *cmp, const struct conn *c,
                      const struct dissected *d) {
	const struct packet *want = cmp->want, *have = cmp->have;

	return same_quoted(cmp, c, d) &&
	       field(cmp, "icmp_type", want->icmp_type, have->icmp_type) &&
	       field(cmp, "icmp_code", want->icmp_code, have->icmp_code) &&
	       field(cmp, "icmp_mtu", want->icmp_mtu, have->icmp_mtu) &&
	       (!want->echo_id || field(cmp, "icmp_id", want->echo_id, have->echo_id)) &&
	       (!want->icmp_raw ||
	        field(cmp, "icmp_length", want->icmp_raw, have->len + ICMP_BYTES));
}

/* The first SYN tells our initial sequence number, and a connection's port. */
static void learn(struct conn *c, const struct packet *p, const struct dissected *d) {
	if (p->kind != PACKET_ICMP && !d->fragment && c->connecting) {
		c->connecting = false;
		c->local_port = d->sport;
	}
	if (p->kind == PACKET_TCP && !c->have_local && d->flags & FLAG_SYN && p->flags & FLAG_SYN) {
		c->have_local = true;
		c->local_offset = d->seq - p->seq;
		c->local_isn = p->seq;
	}
}

/* A segment of its own, in the script's numbers. */
static bool read_segment(struct run *r, struct conn *c, const struct event *ev, struct packet *have,
                         sim_time until, sim_time *at) {
	struct dissected d;
	struct frame *f = wait_frame(r, c, ev, &d, until, at);
	bool good = f && !d.bad_checksum && read_packet(c, &d, have) &&
	            stream_sent(r, c, have->seq, d.data, have->len);

	if (f)
		frame_free(f);
	return good;
}

/* Where the script has one large segment, several that follow each other count as it: packetdrill
 * sees what a stack hands to a card that cuts it up (unless --strict_segments). */
static void gather_segments(const struct comparison *cmp, struct conn *c, struct packet *have,
                            sim_time until) {
	struct run *r = cmp->r;
	uint32_t piece = have->len;

	while (!r->conf.strict_segments && have->len && have->len < cmp->want->len && !r->error) {
		struct packet next;
		sim_time at;

		if (!read_segment(r, c, cmp->ev, &next, until, &at))
			return;
		r->base = at;
		if (next.seq != have->seq + have->len || next.ack != have->ack ||
		    next.win != have->win ||
		    (next.flags | FLAG_PSH | FLAG_FIN) != (have->flags | FLAG_PSH | FLAG_FIN) ||
		    next.len > piece)
			return;
		have->len += next.len;
		have->flags = next.flags;
	}
}

static bool compare(struct run *r, struct conn *c, const struct event *ev,
                    const struct dissected *d, sim_time until) {
	struct packet have;
	const struct comparison cmp = {r, ev, &ev->packet, &have};
	bool readable;

	learn(c, &ev->packet, d);
	readable = read_packet(c, d, &have);
	have.remote_port = ev->packet.remote_port ? d->dport : 0;
	have.local_port = d->sport;
	/* The reset of a segment without ACK has the number 0 itself (RFC 793 3.4). */
	if (d->flags & FLAG_RST && d->seq == 0 && ev->packet.seq == 0)
		have.seq = 0;
	if (d->bad_checksum)
		return differ(&cmp, "bad checksum");
	if (!readable)
		return differ(&cmp, "malformed TCP options");
	if (!same_ip(&cmp))
		return false;
	if (ev->packet.fragment)
		return same_fragment(&cmp, d);
	if (have.kind == PACKET_UDP)
		return field(&cmp, "udp_len", ev->packet.len, have.len);
	if (have.kind == PACKET_ICMP)
		return same_icmp(&cmp, c, d);
	if (!stream_sent(r, c, have.seq, d->data, have.len))
		return differ(&cmp, "incorrect outbound data payload");
	gather_segments(&cmp, c, &have, until);
	return !r->error && field(&cmp, "tcp_reserved_bits", 0, d->reserved) &&
	       same_tcp(&cmp, c, &have);
}

bool verify_outbound(struct run *r, const struct event *ev, sim_time from, sim_time until) {
	struct conn *c = conn_for(r, ev);
	sim_time since = r->base, limit = until + run_tolerance(r, from - since), at = 0;
	struct dissected d;
	struct frame *f;
	bool good;

	if (!c)
		return false;
	r->due = from;
	f = wait_frame(r, c, ev, &d, limit, &at);
	if (!f)
		return run_fail(
			r, ev->line,
			"error handling packet: "
			"Timed out waiting for packet: expected outbound packet at %.6f sec",
			run_seconds(r, from));
	r->base = at;
	good = compare(r, c, ev, &d, limit);
	frame_free(f);
	return good && run_check_time(r, ev->line, "error handling packet: ", "outbound packet",
	                              from, until, at, since);
}
