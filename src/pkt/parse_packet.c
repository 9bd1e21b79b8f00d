/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Packets: TCP segments, UDP datagrams, ICMP messages. */
#include <netinet/ip_icmp.h>
#include <string.h>

#include "pkt/scan.h"

/* --- IP --------------------------------------------------------------------------------------- */

/* "frag 0:1480": these bytes of the datagram, counted behind the IP header (this runner's own). */
static bool parse_fragment(struct scan *s, struct packet *p) {
	int64_t start, end;

	if (!scan_integer(s, &start) || !scan_expect(s, ":") || !scan_integer(s, &end))
		return false;
	if (start < 0 || start % 8 || end <= start || end > 65515)
		return scan_fail(s, "a fragment begins at a multiple of 8 and ends behind it");
	p->fragment = true;
	p->frag_start = (uint16_t)start;
	p->frag_end = (uint16_t)end;
	return true;
}

static bool parse_ip_word(struct scan *s, struct packet *p, const char *word) {
	static const char *const ecn[] = {"noecn", "ect1", "ect0", "ce"};
	int64_t value;

	for (int i = 0; i < 4; i++)
		if (g_str_equal(word, ecn[i])) {
			p->ecn = i;
			return true;
		}
	if (g_str_equal(word, "ect01")) {
		p->any_ect = true;
		return !p->inbound ||
		       scan_fail(s, "[ect01] can only be used with outbound packets");
	}
	if (g_str_equal(word, "frag"))
		return parse_fragment(s, p);
	if (!g_str_equal(word, "tos") && !g_str_equal(word, "ttl"))
		return scan_unsupported(s, "the IP field %s", word);
	if (!scan_integer(s, &value))
		return false;
	if (value < 0 || value > 255)
		return scan_fail(s, "%s out of range for 8 bits", word);
	*(g_str_equal(word, "tos") ? &p->tos : &p->ttl) = (int)value;
	return true;
}

/* A bracket that quotes a packet, and says nothing about this one's IP header? */
static bool quotes_next(struct scan *s) {
	const char *at;

	if (!scan_peek(s, "["))
		return false;
	at = s->at + 1 + strspn(s->at + 1, " \t");
	return g_ascii_isdigit(*at) || g_str_has_prefix(at, "udp") || g_str_has_prefix(at, "raw");
}

/* "[ect0]", "(ect0)", "[tos 0x10, ttl 64]" */
static bool parse_ip(struct scan *s, struct packet *p) {
	const char *end;

	if (quotes_next(s))
		return true;
	end = scan_take(s, "[") ? "]" : scan_take(s, "(") ? ")" : NULL;
	if (!end)
		return true;
	do {
		g_autofree char *word = scan_word(s);

		if (!word)
			return scan_fail(s, "syntax error in the IP part of a packet");
		if (!parse_ip_word(s, p, word))
			return false;
	} while (scan_take(s, ","));
	return scan_expect(s, end);
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
			               : scan_fail(s, "syntax error: TCP flags '%.*s'", (int)n,
			                           s->at);
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
		return scan_fail(s,
		                 "inferred payload length %u from sequence range, but length is %u",
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

/* Bytes in hexadecimal, or a name defined so; none is well too. */
static bool parse_blob(struct scan *s, struct packet_option *o, const char *word) {
	g_autofree char *blob = NULL;
	const char *hex;
	size_t n;

	scan_space(s);
	n = strcspn(s->at, " \t\r\n,>");
	blob = g_strndup(s->at, n);
	s->at += n;
	hex = scan_defined(s, blob) ? scan_defined(s, blob) : blob;
	for (; *hex; hex += 2) {
		if (!g_ascii_isxdigit(hex[0]) || !g_ascii_isxdigit(hex[1]))
			return scan_unsupported(s, "the %s option of %s", word, blob);
		if (o->len == OPTION_DATA_MAX)
			return scan_fail(s, "TCP options do not fit 40 bytes");
		o->data[o->len++] =
			(uint8_t)(g_ascii_xdigit_value(hex[0]) << 4 | g_ascii_xdigit_value(hex[1]));
	}
	return true;
}

/* "md5 0011...", "FO [cookie]", "FOEXP [cookie]" */
static bool parse_raw(struct scan *s, struct packet_option *o, const char *word) {
	o->kind = *word == 'm' ? OPTION_MD5 : word[2] ? OPTION_EXPERIMENT : OPTION_FAST_OPEN;
	if (o->kind == OPTION_EXPERIMENT) {
		o->data[o->len++] = 0xf9;
		o->data[o->len++] = 0x89;
	}
	return parse_blob(s, o, word);
}

/* "option 253 a1b2": any that has no name, as a difference is reported (this runner's own). */
static bool parse_numbered(struct scan *s, struct packet_option *o) {
	bool named = o->a <= OPTION_SACK || o->a == OPTION_TS;

	o->kind = (uint8_t)o->a;
	if (named || o->a > 255)
		return scan_fail(s, "no option %u by number", o->a);
	o->a = 0;
	return parse_blob(s, o, "numbered");
}

static bool parse_option_word(struct scan *s, struct packet_option *o, const char *word) {
	static const struct {
		const char *word;
		uint8_t kind;
		uint32_t max; /* 0: no value */
	} simple[] = {
		{"eol", OPTION_EOL, 0},        {"nop", OPTION_NOP, 0},
		{"mss", OPTION_MSS, 65535},    {"wscale", OPTION_WSCALE, 255},
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
	if (g_str_equal(word, "option"))
		return number32(s, &o->a) && parse_numbered(s, o);
	if (g_str_equal(word, "md5") || g_str_equal(word, "FO") || g_str_equal(word, "FOEXP"))
		return parse_raw(s, o, word);
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
			return scan_fail(
				s, "<...> for TCP options can only be used with outbound packets");
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
	return parse_options(s, p) &&
	       (!scan_peek(s, "{") || scan_unsupported(s, "mutated packets"));
}

/* --- UDP and ICMP ----------------------------------------------------------------------------- */

static bool parse_udp(struct scan *s, struct packet *p) {
	p->kind = PACKET_UDP;
	return scan_expect(s, "(") && number32(s, &p->len) &&
	       (p->len <= 65507 || scan_fail(s, "UDP payload does not fit a packet")) &&
	       scan_expect(s, ")");
}

static const char *const unreachable_codes[] = {
	"net_unreachable",
	"host_unreachable",
	"protocol_unreachable",
	"port_unreachable",
	"frag_needed",
	"source_route_failed",
	"net_unknown",
	"host_unknown",
	"source_host_isolated",
	"net_prohibited",
	"host_prohibited",
	"net_unreachable_for_tos",
	"host_unreachable_for_tos",
	"packet_filtered",
	"precedence_violation",
	"precedence_cutoff",
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
	{"redirect", ICMP_REDIRECT, NULL, 0},
	{"parameter_problem", ICMP_PARAMETERPROB, NULL, 0},
	{"echo_request", ICMP_ECHO, NULL, 0},
	{"echo_reply", ICMP_ECHOREPLY, NULL, 0},
	{"timestamp_request", ICMP_TIMESTAMP, NULL, 0},
	{"timestamp_reply", ICMP_TIMESTAMPREPLY, NULL, 0},
	{"information_request", ICMP_INFO_REQUEST, NULL, 0},
	{"information_reply", ICMP_INFO_REPLY, NULL, 0},
	{"address_mask_request", ICMP_ADDRESS, NULL, 0},
	{"address_mask_reply", ICMP_ADDRESSREPLY, NULL, 0},
};

/* "type_13", "code_4": those without a name. */
static bool numbered(const char *word, const char *prefix, uint8_t *value) {
	char *end;
	guint64 n;

	if (!g_str_has_prefix(word, prefix))
		return false;
	n = g_ascii_strtoull(word + strlen(prefix), &end, 10);
	*value = (uint8_t)n;
	return end != word + strlen(prefix) && !*end && n <= 255;
}

static bool parse_icmp_code(struct scan *s, struct packet *p, const char *const *codes, size_t n) {
	g_autofree char *word = NULL;

	scan_space(s);
	if (!g_ascii_isalpha(*s->at) || scan_peek_word(s, "mtu") || scan_peek_word(s, "id"))
		return true;
	word = scan_word(s);
	if (numbered(word, "code_", &p->icmp_code))
		return true;
	for (size_t i = 0; i < n; i++)
		if (g_str_equal(word, codes[i])) {
			p->icmp_code = (uint8_t)i;
			return true;
		}
	return scan_unsupported(s, "the ICMP code %s", word);
}

/* "[1:1461(1460)]" or "[udp (100)]": of the packet that the message is about; "[raw (64)]": the
 * message's length, where it is about none. */
static bool parse_quoted(struct scan *s, struct packet *p) {
	if (!scan_take(s, "["))
		return true;
	if (scan_take_word(s, "raw")) {
		if (!scan_expect(s, "(") || !number32(s, &p->icmp_raw) || !scan_expect(s, ")"))
			return false;
		if (p->icmp_raw < 8 || p->icmp_raw > 65515)
			return scan_fail(s, "an ICMP message of %u bytes", p->icmp_raw);
		return scan_expect(s, "]");
	}
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

/* What follows type and code. */
static bool parse_icmp_rest(struct scan *s, struct packet *p) {
	int64_t n;

	if (scan_take_word(s, "mtu")) {
		if (!scan_integer(s, &n) || n < 0 || n > 65535)
			return scan_fail(s, "mtu out of range");
		p->icmp_mtu = (uint16_t)n;
	}
	if (scan_take_word(s, "id")) {
		if (!scan_integer(s, &n) || n < 0 || n > 65535)
			return scan_fail(s, "id out of range");
		p->echo_id = (uint16_t)n;
	}
	return parse_quoted(s, p);
}

static bool parse_icmp(struct scan *s, struct packet *p) {
	g_autofree char *word = scan_word(s);

	p->kind = PACKET_ICMP;
	if (word && numbered(word, "type_", &p->icmp_type))
		return parse_icmp_code(s, p, NULL, 0) && parse_icmp_rest(s, p);
	for (size_t i = 0; word && i < G_N_ELEMENTS(icmp_types); i++)
		if (g_str_equal(word, icmp_types[i].word)) {
			p->icmp_type = icmp_types[i].type;
			return parse_icmp_code(s, p, icmp_types[i].codes, icmp_types[i].n) &&
			       parse_icmp_rest(s, p);
		}
	return scan_unsupported(s, "the ICMP type %s", word ? word : "(none)");
}

bool parse_packet(struct scan *s, struct packet *p) {
	static const char *const tunnels[] = {"ipv4",    "ipv6", "gre",  "mpls", "icmpv6",
	                                      "udplite", "sctp", "dccp", "vxlan"};

	p->ecn = p->tos = p->ttl = -1;
	p->win = -1;
	if (!parse_ip(s, p))
		return false;
	/* Older scripts quote before the message: "[1:1461(1460)] icmp unreachable". */
	if (scan_peek(s, "[") && !parse_quoted(s, p))
		return false;
	for (size_t i = 0; i < G_N_ELEMENTS(tunnels); i++)
		if (scan_peek_word(s, tunnels[i]))
			return scan_unsupported(s, "%s packets", tunnels[i]);
	if (scan_take_word(s, "icmp"))
		return parse_icmp(s, p);
	if (p->quotes)
		return scan_fail(s, "syntax error: only an ICMP message is about a packet");
	if (scan_take_word(s, "udp"))
		return parse_ports(s, p) && parse_udp(s, p);
	return parse_ports(s, p) && parse_tcp(s, p);
}
