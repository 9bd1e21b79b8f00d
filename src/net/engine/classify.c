/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What kind of work a frame is, for who charges for it. */
#include "net/engine/stack.h"
#include "net/engine/wire.h"

static enum net_kind classify_tcp(const uint8_t *tcp, size_t len, size_t *payload) {
	size_t header;

	if (len < TCP_HEADER)
		return NET_KIND_OTHER;
	header = (size_t)(tcp[12] >> 4) * 4;
	if (header < TCP_HEADER || header > len)
		return NET_KIND_OTHER;
	*payload = len - header;
	if (*payload)
		return NET_KIND_DATA;
	return tcp[13] & (TCP_SYN | TCP_FIN | TCP_RST) ? NET_KIND_CONTROL : NET_KIND_ACK;
}

inline enum net_kind net_classify(const struct frame *frame, size_t *payload) {
	const uint8_t *eth = frame->bytes + frame->start, *ip = eth + ETH_HEADER;
	size_t header, total;

	*payload = 0;
	if (frame->len < ETH_HEADER + IP_HEADER || get16(eth + 12) != ETH_IP)
		return NET_KIND_OTHER;
	header = (size_t)(ip[0] & 15) * 4;
	total = get16(ip + 2);
	if (header < IP_HEADER || total < header || total + ETH_HEADER > frame->len ||
	    (get16(ip + 6) & (IP_MF | IP_OFFSET)))
		return NET_KIND_OTHER;
	if (ip[9] == IPPROTO_TCP)
		return classify_tcp(ip + header, total - header, payload);
	if (ip[9] == IPPROTO_UDP && total - header >= UDP_HEADER) {
		*payload = total - header - UDP_HEADER;
		return NET_KIND_UDP;
	}
	return NET_KIND_OTHER;
}

static const char *name_tcp(const struct frame *frame, const uint8_t *tcp) {
	size_t payload = 0;

	if (tcp[13] & TCP_RST)
		return "RST";
	if (tcp[13] & TCP_SYN)
		return tcp[13] & TCP_ACK ? "SYN ACK" : "SYN";
	if (net_classify(frame, &payload) == NET_KIND_DATA)
		return tcp[13] & TCP_FIN ? "data, FIN" : "data";
	return tcp[13] & TCP_FIN ? "FIN" : "ACK";
}

const char *frame_name(const struct frame *frame) {
	const uint8_t *eth = frame->bytes + frame->start, *ip = eth + ETH_HEADER;
	size_t header = frame->len > ETH_HEADER ? (size_t)(ip[0] & 15) * 4 : 0;
	uint16_t type = frame->len >= ETH_HEADER ? get16(eth + 12) : 0;

	if (type == ETH_ARP)
		return "ARP";
	if (type != ETH_IP || frame->len < ETH_HEADER + IP_HEADER)
		return "frame";
	if (get16(ip + 6) & (IP_MF | IP_OFFSET))
		return "fragment";
	if (ip[9] == IPPROTO_UDP)
		return "UDP";
	if (ip[9] == IPPROTO_ICMP)
		return "ICMP";
	if (ip[9] == IPPROTO_TCP && frame->len >= ETH_HEADER + header + TCP_HEADER)
		return name_tcp(frame, ip + header);
	return "IP";
}
