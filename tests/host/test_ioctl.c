/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Interface, route and ARP ioctls, as ifconfig, route and arp use them; the registry of cards. */
#include <arpa/inet.h>

#include "host/dev/toedev.h"
#include "net_world.h"
#include "run_suite.h"

static struct net_world w;

static void setup(void) { net_world_init(&w, NULL); }
static void teardown(void) { net_world_free(&w); }

static struct ifreq ifr_of(const char *name, const char *addr) {
	struct ifreq ifr = {0};
	struct sockaddr_in in = {.sin_family = AF_INET};

	g_strlcpy(ifr.ifr_name, name, IFNAMSIZ);
	if (addr)
		in.sin_addr.s_addr = inet_addr(addr);
	memcpy(&ifr.ifr_addr, &in, sizeof in);
	return ifr;
}

static const char *shown(const struct ifreq *ifr) {
	struct sockaddr_in in;

	memcpy(&in, &ifr->ifr_addr, sizeof in);
	return inet_ntoa(in.sin_addr);
}

static int ask(unsigned long cmd, struct ifreq *ifr) { return stack_ioctl(w.k->stack, cmd, ifr); }

START_TEST(interface_is_shown) {
	struct ifreq ifr = ifr_of("eth0", NULL);

	ck_assert_int_eq(ask(SIOCGIFADDR, &ifr), 0);
	ck_assert_str_eq(shown(&ifr), "10.0.0.1");
	ck_assert_int_eq(ask(SIOCGIFNETMASK, &ifr), 0);
	ck_assert_str_eq(shown(&ifr), "255.255.255.0");
	ck_assert_int_eq(ask(SIOCGIFBRDADDR, &ifr), 0);
	ck_assert_str_eq(shown(&ifr), "10.0.0.255");
	ck_assert_int_eq(ask(SIOCGIFMTU, &ifr), 0);
	ck_assert_int_eq(ifr.ifr_mtu, 1500);
	ck_assert_int_eq(ask(SIOCGIFFLAGS, &ifr), 0);
	ck_assert_int_eq(ifr.ifr_flags & (IFF_UP | IFF_BROADCAST | IFF_LOOPBACK),
	                 IFF_UP | IFF_BROADCAST);
	ck_assert_int_eq(ask(SIOCGIFHWADDR, &ifr), 0);
	ck_assert_int_eq(ifr.ifr_hwaddr.sa_family, ARPHRD_ETHER);
	ck_assert_int_eq(ifr.ifr_hwaddr.sa_data[0], 2);
	ck_assert_int_eq(ask(SIOCGIFINDEX, &ifr), 0);
	ck_assert_int_eq(ifr.ifr_ifindex, 2);
	ck_assert_int_eq(ask(SIOCGIFNAME, &ifr), 0);
	ck_assert_str_eq(ifr.ifr_name, "eth0");
	ifr = ifr_of("eth7", NULL);
	ck_assert_int_eq(ask(SIOCGIFADDR, &ifr), -ENODEV);
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCGIFADDR, NULL), -EFAULT);
	ck_assert_int_eq(stack_ioctl(w.k->stack, 0x1234, &ifr), -EINVAL);
}
END_TEST

START_TEST(interface_is_changed) {
	struct ifreq ifr = ifr_of("eth0", "192.168.7.9");

	ck_assert_int_eq(ask(SIOCSIFADDR, &ifr), 0);
	ck_assert_int_eq(ask(SIOCGIFNETMASK, &ifr), 0);
	ck_assert_str_eq(shown(&ifr), "255.255.255.0"); /* class C */
	ifr = ifr_of("eth0", "255.255.0.0");
	ck_assert_int_eq(ask(SIOCSIFNETMASK, &ifr), 0);
	ck_assert_int_eq(ask(SIOCGIFBRDADDR, &ifr), 0);
	ck_assert_str_eq(shown(&ifr), "192.168.255.255"); /* follows the mask */
	ck_assert_ptr_nonnull(net_route_lookup(w.k->stack, 0xc0a80101U));
	ifr = ifr_of("eth0", "192.168.255.0");
	ck_assert_int_eq(ask(SIOCSIFBRDADDR, &ifr), 0);
	ck_assert_int_eq(ask(SIOCGIFBRDADDR, &ifr), 0);
	ck_assert_str_eq(shown(&ifr), "192.168.255.0"); /* 4.2BSD's */
	ck_assert_int_eq(ask(SIOCSIFMETRIC, &ifr), -EOPNOTSUPP);
	ifr = ifr_of("eth0", "255.0.255.0");
	ck_assert_int_eq(ask(SIOCSIFNETMASK, &ifr), -EINVAL);
	ifr.ifr_mtu = 9001;
	ck_assert_int_eq(ask(SIOCSIFMTU, &ifr), -EINVAL);
	ifr.ifr_mtu = 67;
	ck_assert_int_eq(ask(SIOCSIFMTU, &ifr), -EINVAL);
	ifr.ifr_mtu = 9000;
	ck_assert_int_eq(ask(SIOCSIFMTU, &ifr), 0);
	ifr.ifr_mtu = 576;
	ck_assert_int_eq(ask(SIOCSIFMTU, &ifr), 0);
	ck_assert_int_eq(ask(SIOCGIFMTU, &ifr), 0);
	ck_assert_int_eq(ifr.ifr_mtu, 576);
	ifr.ifr_flags = 0;
	ck_assert_int_eq(ask(SIOCSIFFLAGS, &ifr), 0);
	ck_assert_ptr_null(net_route_lookup(w.k->stack, 0xc0a80101U));
	ck_assert_int_eq(ask(SIOCGIFFLAGS, &ifr), 0);
	ck_assert(!(ifr.ifr_flags & IFF_UP));
}
END_TEST

START_TEST(list_and_length_probe) {
	char buf[4 * sizeof(struct ifreq)];
	struct ifconf ifc = {.ifc_len = 0, .ifc_buf = NULL};

	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCGIFCONF, &ifc), 0);
	ck_assert_int_eq(ifc.ifc_len, 2 * (int)sizeof(struct ifreq)); /* lo, eth0 */
	ifc.ifc_buf = buf;
	ifc.ifc_len = (int)sizeof buf;
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCGIFCONF, &ifc), 0);
	ck_assert_int_eq(ifc.ifc_len, 2 * (int)sizeof(struct ifreq));
	ck_assert_str_eq(ifc.ifc_req[0].ifr_name, "lo");
	ck_assert_str_eq(shown(&ifc.ifc_req[0]), "127.0.0.1");
	ck_assert_str_eq(ifc.ifc_req[1].ifr_name, "eth0");
	ifc.ifc_len = (int)sizeof(struct ifreq) + 3; /* room for one and a bit */
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCGIFCONF, &ifc), 0);
	ck_assert_int_eq(ifc.ifc_len, (int)sizeof(struct ifreq));
}
END_TEST

static void set_in(struct sockaddr *sa, const char *addr) {
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(addr)};

	memcpy(sa, &in, sizeof in);
}

START_TEST(routes) {
	struct rtentry rt = {.rt_flags = RTF_UP | RTF_GATEWAY};
	const struct net_route *found;

	set_in(&rt.rt_dst, "172.16.0.0");
	set_in(&rt.rt_genmask, "255.240.0.0");
	set_in(&rt.rt_gateway, "10.0.0.2");
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCADDRT, &rt), 0);
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCADDRT, &rt), -EEXIST);
	found = net_route_lookup(w.k->stack, 0xac100101U);
	ck_assert_ptr_nonnull(found);
	ck_assert_uint_eq(found->gateway, PEER_ADDR(0));
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCDELRT, &rt), 0);
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCDELRT, &rt), -ESRCH);
	set_in(&rt.rt_gateway, "99.0.0.1"); /* on no net of ours */
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCADDRT, &rt), -ENETUNREACH);
	set_in(&rt.rt_genmask, "255.0.0.0"); /* bits of the destination outside of the mask */
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCADDRT, &rt), -EINVAL);
	rt = (struct rtentry){.rt_flags = RTF_UP | RTF_HOST, .rt_dev = (char *)"eth0"};
	set_in(&rt.rt_dst, "8.8.8.8");
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCADDRT, &rt), 0);
	ck_assert_ptr_nonnull(net_route_lookup(w.k->stack, 0x08080808U));
	ck_assert_ptr_null(net_route_lookup(w.k->stack, 0x08080809U));
	rt.rt_dev = (char *)"eth9";
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCADDRT, &rt), -ENODEV);
	rt.rt_dst.sa_family = AF_UNIX;
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCADDRT, &rt), -EAFNOSUPPORT);
}
END_TEST

START_TEST(arp) {
	struct arpreq req = {.arp_flags = ATF_PERM, .arp_dev = "eth0"};

	set_in(&req.arp_pa, "10.0.0.77");
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCGARP, &req), -ENXIO);
	req.arp_ha.sa_family = ARPHRD_ETHER;
	req.arp_ha.sa_data[5] = 42;
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCSARP, &req), 0);
	memset(&req.arp_ha, 0, sizeof req.arp_ha);
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCGARP, &req), 0);
	ck_assert_int_eq(req.arp_ha.sa_data[5], 42);
	ck_assert(req.arp_flags & ATF_COM);
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCDARP, &req), 0);
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCDARP, &req), -ENXIO);
	req.arp_pa.sa_family = AF_UNIX;
	ck_assert_int_eq(stack_ioctl(w.k->stack, SIOCGARP, &req), -EPFNOSUPPORT);
}
END_TEST

static int rights_main(struct task *me, void *arg) {
	struct ifreq ifr = ifr_of("eth0", "10.0.0.9");
	int fd = sys_socket(me, AF_INET, SOCK_DGRAM, 0);

	ck_assert_int_ge(fd, 0);
	task_set_capable(me, false);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCSIFADDR, &ifr), -EPERM);
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFADDR, &ifr), 0);
	ck_assert_str_eq(shown(&ifr), "10.0.0.1");
	ck_assert_int_eq(sys_ioctl(me, fd, SIOCGIFTXQLEN, &ifr), 0);
	ck_assert_int_eq(ifr.ifr_qlen, 100);
	task_set_capable(me, true);
	ck_assert_int_eq(sys_ioctl(me, fd, 0x4321, &ifr), -EINVAL);
	PROGRAM_END((struct net_world *)arg);
}

START_TEST(rights) { net_world_run(&w, rights_main); }
END_TEST

/* --- cards ------------------------------------------------------------------------------------- */

static unsigned told[3];

static void listener(struct toedev_notifier *nb, struct toedev *td, enum toedev_event event) {
	ck_assert_ptr_eq(nb->arg, td);
	told[event]++;
}

START_TEST(registry) {
	struct toedev a = {.name = "toe0"}, b = {.name = "toe1"}, twin = {.name = "toe0"};
	struct toedev named_as_nic = {.name = "eth0"};
	struct toedev_notifier nb = {.fn = listener, .arg = &a};

	register_toedev_notifier(w.k, &nb);
	ck_assert_int_eq(register_toedev(w.k, &a), 0);
	ck_assert_int_eq(register_toedev(w.k, &twin), -EEXIST);
	ck_assert_int_eq(register_toedev(w.k, &named_as_nic), -EEXIST);
	ck_assert_ptr_eq(toedev_find(w.k, "toe0"), &a);
	toedev_failed(&a);
	toedev_failed(&a);
	ck_assert(a.dead);
	ck_assert_ptr_eq(toedev_find(w.k, "toe0"), &a);
	unregister_toedev(&a);
	ck_assert_ptr_null(toedev_find(w.k, "toe0"));
	ck_assert_uint_eq(told[TOEDEV_ADDED], 1);
	ck_assert_uint_eq(told[TOEDEV_FAILED], 1);
	ck_assert_uint_eq(told[TOEDEV_REMOVED], 1);
	unregister_toedev_notifier(w.k, &nb);
	ck_assert_int_eq(register_toedev(w.k, &b), 0);
	ck_assert_int_eq(register_toedev(w.k, &a), 0);
	ck_assert_ptr_eq(toedev_first(w.k), &b);
	ck_assert_ptr_eq(b.next, &a);
	ck_assert_uint_eq(told[TOEDEV_ADDED], 1);
	unregister_toedev(&b);
	unregister_toedev(&a);
}
END_TEST

int main(void) {
	Suite *suite = suite_create("ioctl");
	TCase *tc = tcase_create("ioctl");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, interface_is_shown);
	tcase_add_test(tc, interface_is_changed);
	tcase_add_test(tc, list_and_length_probe);
	tcase_add_test(tc, routes);
	tcase_add_test(tc, arp);
	tcase_add_test(tc, rights);
	tcase_add_test(tc, registry);
	suite_add_tcase(suite, tc);
	return run_suite(suite);
}
