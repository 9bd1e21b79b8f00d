/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the machine's frames hold: ARP, IPv4 and its fragments, TCP, UDP, ICMP. */
#include <net/ethernet.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "pkt/bytes.h"
#include "pkt/frames.h"
#include "pkt/run.h"

/* What an ICMP error says of the packet that it is about (RFC 792). */
static void dissect_quoted(const uint8_t *ip, size_t len, struct dissected *d) {
	size_t header = len >= IP_BYTES ? (ip[0] & 15) * 4U : 0;
	const uint8_t *t = ip + header;

	if (header < IP_BYTES || ip[0] >> 4 != 4 || len < header + 8)
		return;
	d->quoted = ip[9];
	if (d->quoted == IPPROTO_UDP)
		d->quoted_number = get16(t + 4) - UDP_BYTES;
	else if (d->quoted == IPPROTO_TCP)
		d->quoted_number = get32(t + 4);
}

static bool is_icmp_error(uint8_t type) {
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT ||
	       type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

static bool dissect_transport(const uint8_t *t, size_t len, struct dissected *d) {
	uint32_t sum = cksum_add(pseudo_header(d->src, d->dst, d->protocol, len), t, len);

	if (d->protocol == IPPROTO_ICMP && len >= ICMP_BYTES) {
		d->icmp_type = t[0];
		d->icmp_code = t[1];
		d->echo_id = get16(t + 4);
		d->icmp_mtu = get16(t + 6);
		d->payload = (uint16_t)(len - ICMP_BYTES);
		if (is_icmp_error(t[0]))
			dissect_quoted(t + ICMP_BYTES, len - ICMP_BYTES, d);
		d->bad_checksum = cksum_fold(cksum_add(0, t, len)) != 0;
		return true;
	}
	if (len < UDP_BYTES)
		return false;
	d->sport = get16(t);
	d->dport = get16(t + 2);
	d->bad_checksum = cksum_fold(sum) != 0;
	if (d->protocol == IPPROTO_UDP) {
		d->bad_checksum &= get16(t + 6) != 0;
		d->payload = (uint16_t)(len - UDP_BYTES);
		return true;
	}
	if (d->protocol != IPPROTO_TCP || len < TCP_BYTES || (t[12] >> 4) * 4U > len ||
	    t[12] >> 4 < 5)
		return false;
	d->reserved = t[12] & 15;
	d->seq = get32(t + 4);
	d->ack = get32(t + 8);
	d->flags = t[13];
	d->win = get16(t + 14);
	d->urg = get16(t + 18);
	d->options = t + TCP_BYTES;
	d->options_len = (t[12] >> 4) * 4U - TCP_BYTES;
	d->payload = (uint16_t)(len - TCP_BYTES - d->options_len);
	d->data = d->options + d->options_len;
	return true;
}

bool packet_dissect(const struct frame *f, struct dissected *d) {
	const uint8_t *eth = f->bytes + f->start, *ip = eth + ETH_BYTES;
	size_t header, total;

	*d = (struct dissected){0};
	if (f->len < ETH_BYTES + IP_BYTES || get16(eth + 12) != ETHERTYPE_IP || ip[0] >> 4 != 4)
		return false;
	header = (ip[0] & 15) * 4U;
	total = get16(ip + 2);
	if (total < header || total + ETH_BYTES > f->len)
		return false;
	d->tos = ip[1];
	d->ttl = ip[8];
	d->protocol = ip[9];
	d->src = get32(ip + 12);
	d->dst = get32(ip + 16);
	d->id = get16(ip + 4);
	d->fragment = (get16(ip + 6) & 0x3fff) != 0;
	d->frag_start = (size_t)(get16(ip + 6) & 0x1fff) * 8;
	d->frag_end = d->frag_start + total - header;
	d->more = get16(ip + 6) & 0x2000;
	if (!d->fragment && !dissect_transport(ip + header, total - header, d))
		return false;
	d->bad_checksum |= cksum_fold(cksum_add(0, ip, header)) != 0;
	return true;
}

/* Each fragment comes once, since one stack sends them over one wire, with the first or the last ahead. */
bool packet_reassemble(struct run *r, const struct frame *f, struct dissected *d) {
	struct reassembly *re = &r->reassembly;
	const uint8_t *ip = f->bytes + f->start + ETH_BYTES;
	bool bad = d->bad_checksum;

	if (d->frag_end > sizeof re->bytes)
		return false;
	if (d->id != re->id || re->have == re->total) {
		re->id = d->id;
		re->have = re->total = 0;
	}
	memcpy(re->bytes + d->frag_start, ip + (ip[0] & 15) * 4, d->frag_end - d->frag_start);
	re->have += d->frag_end - d->frag_start;
	if (!d->more)
		re->total = d->frag_end;
	if (re->have != re->total || !dissect_transport(re->bytes, re->have, d))
		return false;
	d->bad_checksum |= bad;
	return true;
}

bool packet_answer_arp(struct run *r, struct frame *f) {
	uint8_t *eth = frame_data(f), *arp = eth + ETH_BYTES, mac[6];
	uint32_t asker, asked;

	if (f->len < ETH_BYTES + ARP_BYTES || get16(eth + 12) != ETHERTYPE_ARP)
		return false;
	asker = get32(arp + 14);
	asked = get32(arp + 24);
	if (get16(arp + 6) != 1 || asked == r->conf.local_ip) {
		frame_free(f);
		return true;
	}
	memcpy(mac, arp + 8, 6);
	memcpy(eth, mac, 6);
	memcpy(eth + 6, far_mac, 6);
	put16(arp + 6, 2);
	memcpy(arp + 8, far_mac, 6);
	put32(arp + 14, asked);
	memcpy(arp + 18, mac, 6);
	put32(arp + 24, asker);
	port_send(r->m.far, f);
	return true;
}
