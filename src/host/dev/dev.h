/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Network devices of the host's own stack: registration, the transmit path, the NET_RX softirq,
 * and the ioctls that ifconfig, route and arp use.
 */
#ifndef HOST_DEV_H
#define HOST_DEV_H

#include "host/core/kernel.h"
#include "net/engine/stack.h"
#include "net/engine/stack_ioctl.h"

struct net_device {
	const char *name; /* "eth0" */
	uint8_t mac[6];
	uint16_t mtu;
	/* Hands a frame to the hardware at this instant (an effect; must not charge); ownership passes.
	 * False: the ring is full; the core keeps the frame and tries again at netif_wake_queue(). */
	bool (*hard_start_xmit)(struct net_device *dev, struct frame *frame);
	/* Charges what the driver's transmit routine costs (descriptor, doorbell). */
	void (*charge_xmit)(struct net_device *dev);
	/* Descriptors that are free (NULL: none can be counted upon). */
	uint32_t (*tx_room)(const struct net_device *dev);
	/* NAPI: takes up to `budget` frames in softirq context, charging and passing each to
	 * netif_receive(); true if more are waiting. */
	bool (*poll)(struct net_device *dev, int budget);
	/* Tells the controller what the interface wants to receive, and charges for it if there is
	 * somebody to charge (dev->set_multicast_list() of 2.4). */
	void (*set_rx_mode)(struct net_device *dev);
	/* What the controller does itself (NETIF_F_SG, NETIF_F_IP_CSUM; CHECKSUM_UNNECESSARY). */
	bool gathers, sums_tx, sums_rx;
	void *priv;
	/* the core's own */
	struct kernel *kernel;
	struct net_if *ifp;
	struct frame_queue unpaid;       /* their charges are not worked off yet */
	struct frame_queue backlog;      /* waiting for the ring */
	uint32_t tx_queue_len;           /* frames the backlog holds (0: DEV_TX_QUEUE_LEN) */
	int weight;                      /* frames per turn of the poll list (0: 2.4's 64) */
	int quota;                       /* what is left of this turn */
	uint64_t polls_done, polls_more; /* turns that found no frame left, and that left some */
	uint32_t index;                  /* ifindex, from 2 on (1 is lo) */
	bool scheduled;
	struct net_device *next, *poll_next;
	uint64_t rx_packets, rx_bytes, rx_dropped, tx_packets, tx_bytes, tx_dropped;
};

#define DEV_TX_QUEUE_LEN 100 /* ether_setup() of 2.4 */

/* Adds the device to the kernel and to its INET stack (an interface, down, without address).
 * -EEXIST: there is one of that name, or a card has it. */
int register_netdev(struct kernel *k, struct net_device *dev);
/* Takes the interface down and forgets the device; frames that it still queues are freed. */
void unregister_netdev(struct net_device *dev);
struct net_device *dev_get(const struct kernel *k, const char *name);

/* From a driver's interrupt handler: asks for dev->poll() in the NET_RX softirq. */
void netif_rx_schedule(struct net_device *dev);
/* From an interrupt handler without NAPI: queues the frame for the NET_RX softirq.  When more than 300
 * wait (netdev_max_backlog of 2.4), those that come are dropped, and counted, until none waits. */
void netif_rx(struct net_device *dev, struct frame *frame);
/* From dev->poll(): charges the receive cost by the frame's kind and passes it to the stack. */
void netif_receive(struct net_device *dev, struct frame *frame);
/* From an interrupt handler: frames were freed that count against send buffers (dev_kfree_skb_irq()):
 * the NET_TX softirq tells their sockets. */
void netif_tx_freed(struct net_device *dev);
/* From a driver: the ring has room again. */
void netif_wake_queue(struct net_device *dev);

/* The stack's output operation: charges the segment's cost and the driver's, then lets the frame
 * reach the device behind these charges.  In a CPU context only.  False: the device's queue is full;
 * the frame is freed and counted (tx_dropped), and costs what the stack did, but nothing of the driver. */
bool dev_output(struct kernel *k, struct net_if *ifp, struct frame *frame, enum net_kind kind,
                size_t payload);

/* The same for a frame to the machine itself, by lo (`ifp`) or as a copy of what `ifp` sends to many:
 * it arrives behind the charges of its sender, and is received by the NET_RX softirq, which charges
 * what any frame costs (by lo without the checksum). */
void dev_loopback(struct kernel *k, struct net_if *ifp, struct frame *frame, enum net_kind kind,
                  size_t payload);

/* Interface and routing ioctls of the host's own stack, on any socket (dev_ioctl, ip_rt_ioctl,
 * arp_ioctl of 2.4): what stack_ioctl() knows, and SIOC[GS]IFTXQLEN.  -EPERM for a set without
 * rights. */
int dev_ioctl(struct kernel *k, unsigned long cmd, void *arg);
/* The next number of an interface of the machine, be it of the host's stack or of a card. */
uint32_t dev_new_index(struct kernel *k);

/* The stack's filter operation: hands it to the device's driver. */
void dev_set_rx_mode(struct net_if *ifp);

/* Program-independent set-up for scenarios and tests: address, mask, up.  0 or negative errno. */
int dev_configure(struct kernel *k, const char *name, const char *addr, const char *netmask);

/* Whether what goes to an address need not be copied: its device gathers frames from pieces, and sums them up. */
bool dev_sends_pieces(const struct kernel *k, uint32_t addr);

/* Boot and end (host/boot). */
void dev_init(struct kernel *k);
void dev_exit(struct kernel *k);

#endif
