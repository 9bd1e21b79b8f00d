/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets: TCP segments, UDP datagrams, ICMP messages. */
#include <netinet/ip_icmp.h>
#include <string.h>

#include "pkt/scan.h"

/* --- IP --------------------------------------------------------------------------------------- */

static bool parse_ip_word(struct scan *s, struct packet *p, const char *word) {
	static const char *const ecn[] = {"noecn", "ect1", "ect0", "ce"};
	int64_t value;

	for (int i = 0; i < 4; i++)
		if (g_str_equal(word, ecn[i])) {
			p->ecn = i;
			return true;
		}
	if (!g_str_equal(word, "tos") && !g_str_equal(word, "ttl"))
		return scan_unsupported(s, "the IP field %s", word);
	if (!scan_integer(s, &value))
		return false;
	*(g_str_equal(word, "tos") ? &p->tos : &p->ttl) = (int)value;
	return true;
}

/* "[ect0]", "[tos 0x10, ttl 64]" */
static bool parse_ip(struct scan *s, struct packet *p) {
	if (!scan_take(s, "["))
		return true;
	do {
		g_autofree char *word = scan_word(s);

		if (!word)
			return scan_fail(s, "syntax error in the IP part of a packet");
		if (!parse_ip_word(s, p, word))
			return false;
	} while (scan_take(s, ","));
	return scan_expect(s, "]");
}

/* "5000 > 80": whose numbers an inbound packet names first. */
static bool parse_ports(struct scan *s, struct packet *p) {
	const char *at;
	int64_t from, to;

	scan_space(s);
	at = s->at + strspn(s->at, "0123456789");
	if (at == s->at || !g_str_has_prefix(at + strspn(at, " \t"), ">"))
		return true;
	if (!scan_integer(s, &from) || !scan_expect(s, ">") || !scan_integer(s, &to))
		return false;
	if (from < 0 || from > 65535 || to < 0 || to > 65535)
		return scan_fail(s, "a port is out of range");
	p->remote_port = (uint16_t)(p->inbound ? from : to);
	p->local_port = (uint16_t)(p->inbound ? to : from);
	return true;
}

/* --- TCP -------------------------------------------------------------------------------------- */

static bool parse_flags(struct scan *s, struct packet *p) {
	static const char letters[] = "FSRP.UEW"; /* in the order of their bits */
	size_t n;

	scan_space(s);
	n = strcspn(s->at, " \t\r\n");
	for (size_t i = 0; i < n; i++) {
		const char *letter = s->at[i] == '-' ? NULL : strchr(letters, s->at[i]);

		if (s->at[i] != '-' && !letter)
			return g_ascii_isdigit(s->at[i]) || strchr("AC", s->at[i])
				? scan_unsupported(s, "the TCP flags '%.*s'", (int)n, s->at)
				: scan_fail(s, "syntax error: TCP flags '%.*s'", (int)n, s->at);
		if (letter)
			p->flags |= (uint8_t)(1U << (letter - letters));
	}
	s->at += n;
	return true;
}

static bool number32(struct scan *s, uint32_t *value) {
	int64_t n = 0;

	if (!scan_integer(s, &n))
		return false;
	if (n < 0 || n > UINT32_MAX)
		return scan_fail(s, "number %" PRId64 " is out of range", n);
	*value = (uint32_t)n;
	return true;
}

/* "1:1001(1000)" or "1" */
static bool parse_sequence(struct scan *s, uint32_t *seq, uint32_t *len) {
	uint32_t end = 0;

	*len = 0;
	if (!number32(s, seq))
		return false;
	if (!scan_take(s, ":"))
		return true;
	if (!number32(s, &end) || !scan_expect(s, "(") || !number32(s, len) || !scan_expect(s, ")"))
		return false;
	if (*len > 65495)
		return scan_fail(s, "payload of %u bytes is too long", *len);
	if (end - *seq != *len)
		return scan_fail(s, "inferred payload length %u from sequence range, but length is %u",
		                 end - *seq, *len);
	return true;
}

static bool parse_sack(struct scan *s, struct packet_option *o) {
	o->kind = OPTION_SACK;
	for (scan_space(s); g_ascii_isdigit(*s->at); scan_space(s)) {
		if (o->blocks == OPTION_SACK_BLOCKS)
			return scan_fail(s, "more SACK blocks than fit");
		if (!number32(s, &o->start[o->blocks]) || !scan_expect(s, ":") ||
		    !number32(s, &o->end[o->blocks]))
			return false;
		o->blocks++;
	}
	return o->blocks > 0 || scan_fail(s, "syntax error: sack without a block");
}

static bool parse_option_word(struct scan *s, struct packet_option *o, const char *word) {
	static const struct {
		const char *word;
		uint8_t kind;
		uint32_t max; /* 0: no value */
	} simple[] = {
		{"eol", OPTION_EOL, 0},         {"nop", OPTION_NOP, 0},
		{"mss", OPTION_MSS, 65535},     {"wscale", OPTION_WSCALE, 255},
		{"sackOK", OPTION_SACK_OK, 0},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(simple); i++) {
		if (!g_str_equal(word, simple[i].word))
			continue;
		o->kind = simple[i].kind;
		if (!simple[i].max)
			return true;
		return number32(s, &o->a) &&
		       (o->a <= simple[i].max || scan_fail(s, "%s is out of range", word));
	}
	if (g_str_equal(word, "sack"))
		return parse_sack(s, o);
	if (!g_str_equal(word, "TS"))
		return scan_unsupported(s, "the TCP option %s", word);
	o->kind = OPTION_TS;
	return (scan_take_word(s, "val") || scan_expect(s, "val")) && number32(s, &o->a) &&
	       (scan_take_word(s, "ecr") || scan_expect(s, "ecr")) && number32(s, &o->b);
}

static bool parse_options(struct scan *s, struct packet *p) {
	if (!scan_take(s, "<"))
		return true;
	if (scan_take(s, "...")) {
		p->any_options = true;
		if (p->inbound)
			return scan_fail(s, "<...> for TCP options can only be used with outbound packets");
		return scan_expect(s, ">");
	}
	do {
		g_autofree char *word = scan_word(s);

		if (!word)
			return scan_fail(s, "syntax error in TCP options");
		if (p->n_options == OPTIONS_MAX)
			return scan_fail(s, "TCP options do not fit 40 bytes");
		if (!parse_option_word(s, &p->options[p->n_options++], word))
			return false;
	} while (scan_take(s, ","));
	return scan_expect(s, ">");
}

/* Options begin with '<' as the next event's direction does, but an event has a time before it. */
static bool parse_tcp(struct scan *s, struct packet *p) {
	int64_t value;

	if (!parse_flags(s, p) || !parse_sequence(s, &p->seq, &p->len))
		return false;
	if (scan_take_word(s, "ack")) {
		if (!number32(s, &p->ack))
			return false;
		if (!(p->flags & FLAG_ACK))
			return scan_fail(s, "ack without the ACK flag");
	}
	if (scan_take_word(s, "win")) {
		if (!scan_integer(s, &value) || value < 0 || value > 65535)
			return scan_fail(s, "TCP window value out of range");
		p->win = value;
	} else if (p->inbound) {
		return scan_fail(s, "window must be specified for inbound packets");
	}
	if (scan_take_word(s, "urg")) {
		if (!scan_integer(s, &value) || value < 0 || value > 65535)
			return scan_fail(s, "urg pointer out of range");
		p->urg = (uint16_t)value;
	}
	return parse_options(s, p);
}

/* --- UDP and ICMP ----------------------------------------------------------------------------- */

static bool parse_udp(struct scan *s, struct packet *p) {
	p->kind = PACKET_UDP;
	return scan_expect(s, "(") && number32(s, &p->len) &&
	       (p->len <= 65507 || scan_fail(s, "UDP payload does not fit a packet")) &&
	       scan_expect(s, ")");
}

static const char *const unreachable_codes[] = {
	"net_unreachable", "host_unreachable", "protocol_unreachable", "port_unreachable",
	"frag_needed", "source_route_failed", "net_unknown", "host_unknown", "source_host_isolated",
	"net_prohibited", "host_prohibited", "net_unreachable_for_tos", "host_unreachable_for_tos",
	"packet_filtered", "precedence_violation", "precedence_cutoff",
};
static const char *const exceeded_codes[] = {"ttl", "reassembly_time"};

static const struct {
	const char *word;
	uint8_t type;
	const char *const *codes;
	size_t n;
} icmp_types[] = {
	{"unreachable", ICMP_DEST_UNREACH, unreachable_codes, G_N_ELEMENTS(unreachable_codes)},
	{"time_exceeded", ICMP_TIME_EXCEEDED, exceeded_codes, G_N_ELEMENTS(exceeded_codes)},
	{"source_quench", ICMP_SOURCE_QUENCH, NULL, 0},
	{"parameter_problem", ICMP_PARAMETERPROB, NULL, 0},
	{"echo_request", ICMP_ECHO, NULL, 0},
	{"echo_reply", ICMP_ECHOREPLY, NULL, 0},
};

static bool parse_icmp_code(struct scan *s, struct packet *p, const char *const *codes, size_t n) {
	g_autofree char *word = NULL;

	scan_space(s);
	if (!g_ascii_isalpha(*s->at) || scan_peek_word(s, "mtu"))
		return true;
	word = scan_word(s);
	for (size_t i = 0; i < n; i++)
		if (g_str_equal(word, codes[i])) {
			p->icmp_code = (uint8_t)i;
			return true;
		}
	return scan_unsupported(s, "the ICMP code %s", word);
}

/* "[1:1461(1460)]" or "[udp (100)]": of the packet that the message is about. */
static bool parse_quoted(struct scan *s, struct packet *p) {
	if (!scan_take(s, "["))
		return true;
	p->quotes = true;
	p->quoted = scan_take_word(s, "udp") ? PACKET_UDP : PACKET_TCP;
	if (p->quoted == PACKET_UDP) {
		if (!parse_udp(s, p))
			return false;
		p->kind = PACKET_ICMP;
	} else if (!parse_sequence(s, &p->seq, &p->len)) {
		return false;
	}
	return scan_expect(s, "]");
}

static bool parse_icmp(struct scan *s, struct packet *p) {
	g_autofree char *word = scan_word(s);
	int64_t mtu;

	p->kind = PACKET_ICMP;
	for (size_t i = 0; word && i < G_N_ELEMENTS(icmp_types); i++) {
		if (!g_str_equal(word, icmp_types[i].word))
			continue;
		p->icmp_type = icmp_types[i].type;
		if (!parse_icmp_code(s, p, icmp_types[i].codes, icmp_types[i].n))
			return false;
		if (scan_take_word(s, "mtu")) {
			if (!scan_integer(s, &mtu) || mtu < 0 || mtu > 65535)
				return scan_fail(s, "mtu out of range");
			p->icmp_mtu = (uint16_t)mtu;
		}
		return parse_quoted(s, p);
	}
	return scan_unsupported(s, "the ICMP type %s", word ? word : "(none)");
}

bool parse_packet(struct scan *s, struct packet *p) {
	static const char *const tunnels[] = {"ipv4", "ipv6", "gre", "mpls", "icmpv6", "udplite",
	                                      "sctp", "dccp", "vxlan"};

	p->ecn = p->tos = p->ttl = -1;
	p->win = -1;
	if (!parse_ip(s, p))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(tunnels); i++)
		if (scan_peek_word(s, tunnels[i]))
			return scan_unsupported(s, "%s packets", tunnels[i]);
	if (scan_take_word(s, "icmp"))
		return parse_icmp(s, p);
	if (scan_take_word(s, "udp"))
		return parse_ports(s, p) && parse_udp(s, p);
	return parse_ports(s, p) && parse_tcp(s, p);
}
