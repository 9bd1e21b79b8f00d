/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How does a frame get from a stack to a device and from a device to a stack?  Queues on the way
 * out; poll list, backlog and softirq on the way in.
 */
#include "host/dev/dev.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib.h>
#include <string.h>

#include "host/dev/toedev.h"
#include "net/engine/iface.h"
#include "net/engine/route.h"
#include "sim/watch.h"

enum {
	WEIGHT = 64, /* the weight of 2.4's NAPI drivers and of its backlog device */
	MAX_BACKLOG =
		300,  /* netdev_max_backlog of 2.4: of the queue, and of a run of the softirq */
	LO_INDEX = 1, /* the loop-back device is the first that 2.4 registers */
};

/*
 * Devices that asked for a poll stand in a list.  The softirq takes one frame per call, so that
 * each frame's charges are worked off, and its acknowledgement sent and its reader woken, before
 * the next one is looked at; a device that has used up its weight goes to the end of the list.  A run
 * of the softirq ends after so many frames, or when it has seen two ticks of the clock
 * (net_rx_action() of 2.4.20): the rest is left to ksoftirqd.
 *
 * Frames of drivers without NAPI stand in one queue, polled as a device of its own (2.4's blog_dev).
 * Once it was full, what comes is dropped until it is empty (softnet_data.throttle).
 */
struct netdevs {
	struct net_device *first;
	struct net_device *poll_first, **poll_last;
	bool running;       /* a run of the softirq has begun */
	int budget;         /* frames that it may still take */
	sim_time run_start; /* the tick before it */
	struct frame_queue backlog;
	bool throttle;
	struct net_device backlog_dev;
	struct net_device lo;
	uint32_t next_index;
	struct sim_duty duty; /* the poll list */
};

struct net_device *dev_get(const struct kernel *k, const char *name) {
	for (struct net_device *dev = k->netdevs->first; dev; dev = dev->next)
		if (!strcmp(dev->name, name))
			return dev;
	return NULL;
}

static struct net_device *dev_by_index(const struct kernel *k, uint32_t index) {
	if (index == LO_INDEX)
		return &k->netdevs->lo;
	for (struct net_device *dev = k->netdevs->first; dev; dev = dev->next)
		if (dev->index == index)
			return dev;
	return NULL;
}

/* --- the poll list -------------------------------------------------------------------------- */

static void poll_append(struct netdevs *nds, struct net_device *dev) {
	dev->poll_next = NULL;
	dev->quota = dev->weight;
	*nds->poll_last = dev;
	nds->poll_last = &dev->poll_next;
}

static void poll_unlink(struct netdevs *nds, struct net_device *dev) {
	struct net_device **link = &nds->poll_first;

	while (*link && *link != dev)
		link = &(*link)->poll_next;
	if (!*link)
		return;
	*link = dev->poll_next;
	if (nds->poll_last == &dev->poll_next)
		nds->poll_last = link;
}

void netif_rx_schedule(struct net_device *dev) {
	if (dev->scheduled)
		return;
	dev->scheduled = true;
	poll_append(dev->kernel->netdevs, dev);
	raise_softirq(dev->kernel, SOFTIRQ_NET_RX);
}

/* jiffies - start_time > 1; time-outs that are exact know no such limit. */
static bool polled_long(const struct netdevs *nds, const struct kernel *k) {
	return k->conf.tick > 0 && kernel_last_tick(k) - nds->run_start > k->conf.tick;
}

/* The list's first has used up its weight, or the run its budget. */
static void turn_over(struct netdevs *nds) {
	struct net_device *dev = nds->poll_first;

	dev->polls_more++;
	poll_unlink(nds, dev);
	poll_append(nds, dev);
}

/* Time is looked at between two turns; for the drivers' queue also between two frames
 * (process_backlog()). */
static bool run_is_over(const struct netdevs *nds, const struct kernel *k) {
	const struct net_device *dev = nds->poll_first;

	return nds->budget <= 0 ||
	       ((dev->quota == dev->weight || dev == &nds->backlog_dev) && polled_long(nds, k));
}

/* The list is looked at once more when the last frame is paid for: an interrupt that comes meanwhile
 * finds the run still going on. */
static bool net_rx_action(void *arg) {
	struct kernel *k = arg;
	struct netdevs *nds = k->netdevs;
	struct net_device *dev = nds->poll_first;

	if (!nds->running) {
		nds->budget = MAX_BACKLOG;
		nds->run_start = kernel_last_tick(k);
	}
	nds->running = dev;
	if (!dev)
		return false;
	if (run_is_over(nds, k)) {
		if (dev->quota < dev->weight)
			turn_over(nds);
		nds->running = false;
		raise_softirq(k, SOFTIRQ_NET_RX);
		return false;
	}
	if (!dev->poll(dev, 1)) {
		dev->polls_done++;
		poll_unlink(nds, dev);
		dev->scheduled = false;
		return true;
	}
	nds->budget--;
	if (--dev->quota <= 0)
		turn_over(nds);
	return true;
}

static bool backlog_poll(struct net_device *blog, int budget) {
	struct netdevs *nds = blog->priv;

	while (budget-- > 0) {
		struct frame *frame = frame_queue_pop(&nds->backlog);

		if (!frame) {
			nds->throttle = false;
			return false;
		}
		struct net_device *dev = dev_by_index(blog->kernel, frame->mark);
		if (dev)
			netif_receive(dev, frame);
		else
			frame_free(frame);
	}
	return true;
}

void netif_rx(struct net_device *dev, struct frame *frame) {
	struct netdevs *nds = dev->kernel->netdevs;

	nds->throttle = nds->backlog.count > MAX_BACKLOG || (nds->throttle && nds->backlog.count);
	if (nds->throttle) {
		dev->rx_dropped++;
		frame_free(frame);
		return;
	}
	frame->mark = dev->index;
	frame_queue_push(&nds->backlog, frame);
	netif_rx_schedule(&nds->backlog_dev);
}

/* --- receive and transmit ------------------------------------------------------------------- */

static enum net_kind kind_of(const struct kernel *k, const struct frame *frame, size_t *payload) {
	if (G_UNLIKELY(k->conf.net.forward) && net_goes_on(k->stack, frame))
		return NET_KIND_FORWARD;
	return net_classify(frame, payload);
}

inline void netif_receive(struct net_device *dev, struct frame *frame) {
	struct kernel *k = dev->kernel;
	size_t payload = 0;

	if (!frame->looped) {
		dev->rx_packets++;
		dev->rx_bytes += frame->len;
	}
	switch (kind_of(k, frame, &payload)) {
	case NET_KIND_FORWARD:
		charge(k, COST_IP_FORWARD, 0);
		break;
	case NET_KIND_DATA:
		charge(k, COST_TCP_RX_DATA, payload);
		if (!dev->sums_rx)
			charge(k, COST_CSUM_RX, payload);
		break;
	case NET_KIND_ACK:
	case NET_KIND_CONTROL:
		charge(k, COST_TCP_RX_ACK, 0);
		break;
	case NET_KIND_UDP: /* the checksum is part of the copy to the user (COST_COPY_RX) */
		charge(k, COST_UDP_RX, payload);
		break;
	default:
		charge(k, COST_PACKET_OTHER, frame->len);
	}
	net_input(k->stack, dev->ifp, frame);
}

static bool xmit_one(struct net_device *dev, struct frame *frame) {
	size_t bytes = frame->len;

	sim_seen(dev->kernel->sim, "a frame that a device is given");
	if (!dev->hard_start_xmit(dev, frame))
		return false;
	dev->tx_packets++;
	dev->tx_bytes += bytes;
	return true;
}

/* Its charges are worked off.  Those of a softirq are before those of the task that it interrupts, so
 * it need not be the first. */
static void unpaid_take(struct frame_queue *unpaid, struct frame *frame) {
	struct frame **link = &unpaid->head;

	while (*link != frame)
		link = &(*link)->next;
	*link = frame->next;
	if (!frame->next)
		unpaid->tail = link;
	unpaid->count--;
	frame->next = NULL;
}

/* There is room for it: queue_takes() has seen to that.  No softirq runs inside of dev_queue_xmit(). */
static void transmit_effect(void *a, void *b) {
	struct net_device *dev = a;
	struct frame *frame = b;

	unpaid_take(&dev->unpaid, frame);
	softirqs_let_in(dev->kernel);
	if (dev->backlog.count || !xmit_one(dev, frame))
		frame_queue_push(&dev->backlog, frame);
}

/* Whether there will be room, in the ring or in the queue before it, when the frame's charges are worked
 * off.  The sender must know now; so what is accepted and not yet paid for holds its place. */
static bool queue_takes(const struct net_device *dev) {
	size_t held = dev->backlog.count + dev->unpaid.count;

	if (held < dev->tx_queue_len)
		return true;
	return dev->tx_room && held < dev->tx_queue_len + dev->tx_room(dev);
}

static unsigned tx_cost(enum net_kind kind) {
	switch (kind) {
	case NET_KIND_DATA:
	case NET_KIND_ACK:
	case NET_KIND_CONTROL:
		return COST_TCP_TX_SEGMENT;
	case NET_KIND_UDP:
		return COST_UDP_TX;
	default:
		return COST_PACKET_OTHER;
	}
}

/* Behind what has been charged for it. */
static void transmit_when_paid(struct net_device *dev, struct frame *frame) {
	frame_queue_push(&dev->unpaid, frame);
	cpu_defer(dev->kernel, transmit_effect, dev, frame);
}

inline bool dev_output(struct kernel *k, struct net_if *ifp, struct frame *frame,
                       enum net_kind kind, size_t payload) {
	struct net_device *dev = net_if_user(ifp);

	if (!dev) { /* it is gone */
		frame_free(frame);
		return true;
	}
	if (kind != NET_KIND_FORWARD) /* paid for when it came */
		charge(k, tx_cost(kind), kind == NET_KIND_OTHER ? 0 : payload);
	if (!queue_takes(dev)) {
		dev->tx_dropped++;
		frame_free(frame);
		return false;
	}
	dev->charge_xmit(dev);
	transmit_when_paid(dev, frame);
	return true;
}

/* --- the loop-back device --------------------------------------------------------------------- */

/* What is sent has arrived: it stands in the queue of drivers without NAPI (loopback_xmit()), and
 * so does a copy of what an interface sends to many (ip_dev_loopback_xmit()). */
static bool lo_xmit(struct net_device *lo, struct frame *frame) {
	struct net_device *dev = frame->looped ? dev_by_index(lo->kernel, frame->mark) : lo;

	if (dev)
		netif_rx(dev, frame);
	else
		frame_free(frame);
	return true;
}

/* A copy pays for its receipt only. */
void dev_loopback(struct kernel *k, struct net_if *ifp, struct frame *frame, enum net_kind kind,
                  size_t payload) {
	struct net_device *lo = &k->netdevs->lo, *dev = net_if_user(ifp);

	if (!frame->looped)
		charge(k, tx_cost(kind), kind == NET_KIND_OTHER ? 0 : payload);
	else
		frame->mark = dev ? dev->index : 0;
	transmit_when_paid(lo, frame);
}

static void lo_init(struct kernel *k) {
	k->netdevs->lo = (struct net_device){
		.name = "lo",
		.hard_start_xmit = lo_xmit,
		.kernel = k,
		.ifp = net_if_find(k->stack, "lo"),
		.index = LO_INDEX,
		.sums_rx = true,
	};
}

bool dev_sends_pieces(const struct kernel *k, uint32_t addr) {
	const struct net_route *rt = net_route_lookup(k->stack, addr);
	const struct net_device *dev = rt ? net_if_user(rt->ifp) : NULL;

	return dev && dev->gathers && dev->sums_tx;
}

static void wake_effect(void *a, void *b) {
	struct net_device *dev = a;

	(void)b;
	while (dev->backlog.count) {
		struct frame *frame = dev->backlog.head;

		/* The queue's link is the frame's own: take it off before it is handed over. */
		frame_queue_pop(&dev->backlog);
		if (xmit_one(dev, frame))
			continue;
		frame->next = dev->backlog.head;
		if (!dev->backlog.head)
			dev->backlog.tail = &frame->next;
		dev->backlog.head = frame;
		dev->backlog.count++;
		return;
	}
}

void netif_wake_queue(struct net_device *dev) {
	if (dev->backlog.count)
		cpu_defer(dev->kernel, wake_effect, dev, NULL);
}

void netif_tx_freed(struct net_device *dev) { raise_softirq(dev->kernel, SOFTIRQ_NET_TX); }

static bool net_tx_action(void *arg) {
	const struct kernel *k = arg;

	net_sent(k->stack);
	return false;
}

void dev_set_rx_mode(struct net_if *ifp) {
	struct net_device *dev = net_if_user(ifp);

	if (dev && dev->set_rx_mode)
		dev->set_rx_mode(dev);
}

/* --- registration --------------------------------------------------------------------------- */

uint32_t dev_new_index(struct kernel *k) { return k->netdevs->next_index++; }

int register_netdev(struct kernel *k, struct net_device *dev) {
	struct net_device **link = &k->netdevs->first;

	if (net_if_find(k->stack, dev->name) || toedev_find(k, dev->name))
		return -EEXIST;
	dev->kernel = k;
	dev->index = dev_new_index(k);
	if (!dev->tx_queue_len)
		dev->tx_queue_len = DEV_TX_QUEUE_LEN;
	if (!dev->weight)
		dev->weight = WEIGHT;
	dev->ifp = net_if_add(k->stack, dev->name, dev->mac, dev->mtu, dev);
	net_if_set_index(dev->ifp, dev->index);
	while (*link)
		link = &(*link)->next;
	dev->next = NULL;
	*link = dev;
	return 0;
}

/* The stack has no call to forget an interface: it stays, down and without address. */
void unregister_netdev(struct net_device *dev) {
	struct netdevs *nds = dev->kernel->netdevs;
	struct net_if_config conf;

	net_if_get(dev->ifp, &conf);
	conf.up = false;
	conf.addr = 0;
	conf.netmask = 0;
	conf.broadcast = 0;
	net_if_set(dev->ifp, &conf);
	for (struct net_device **link = &nds->first; *link; link = &(*link)->next)
		if (*link == dev) {
			*link = dev->next;
			break;
		}
	poll_unlink(nds, dev);
	frame_queue_flush(&dev->unpaid);
	frame_queue_flush(&dev->backlog);
}

int dev_configure(struct kernel *k, const char *name, const char *addr, const char *netmask) {
	struct net_if *ifp = net_if_find(k->stack, name);
	struct in_addr a, m;

	if (!ifp)
		return -ENODEV;
	if (inet_pton(AF_INET, addr, &a) != 1 || inet_pton(AF_INET, netmask, &m) != 1)
		return -EINVAL;
	return net_if_configure(ifp, ntohl(a.s_addr), ntohl(m.s_addr), 0);
}

/* Who stands in the list is polled at once. */
static sim_time poll_due(const void *arg) {
	const struct kernel *k = arg;

	return !k->netdevs->poll_first || softirq_pending(k, SOFTIRQ_NET_RX) ? SIM_NEVER : 0;
}

void dev_init(struct kernel *k) {
	struct netdevs *nds = g_new0(struct netdevs, 1);

	nds->poll_last = &nds->poll_first;
	nds->next_index = LO_INDEX + 1;
	nds->backlog_dev.name = "backlog";
	nds->backlog_dev.kernel = k;
	nds->backlog_dev.weight = WEIGHT;
	nds->backlog_dev.poll = backlog_poll;
	nds->backlog_dev.priv = nds;
	k->netdevs = nds;
	lo_init(k);
	open_softirq(k, SOFTIRQ_NET_RX, net_rx_action, k);
	open_softirq(k, SOFTIRQ_NET_TX, net_tx_action, k);
	nds->duty = (struct sim_duty){.name = "the poll list", .due = poll_due, .arg = k};
	sim_duty_add(k->sim, &nds->duty);
}

void dev_exit(struct kernel *k) {
	sim_duty_remove(k->sim, &k->netdevs->duty);
	frame_queue_flush(&k->netdevs->lo.unpaid);
	frame_queue_flush(&k->netdevs->backlog);
	g_clear_pointer(&k->netdevs, g_free);
}
