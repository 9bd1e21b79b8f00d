// SPDX-License-Identifier: GPL-3.0-or-later
// The yardstick: the transfer of bench/bulk.c in ns-3. One TCP connection, 1 Gbit/s, 50 us each way,
// MSS 1460, NewReno with SACK, full checksums off (ns-3's default), real bytes not carried.
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

using namespace ns3;

int main(int argc, char **argv) {
	const uint64_t bytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500000000U;

	Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1460));
	Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(131072));
	Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(131072));
	Config::SetDefault("ns3::TcpL4Protocol::SocketType", TypeIdValue(TcpNewReno::GetTypeId()));

	NodeContainer nodes;
	nodes.Create(2);
	PointToPointHelper wire;
	wire.SetDeviceAttribute("DataRate", StringValue("1Gbps"));
	wire.SetChannelAttribute("Delay", StringValue("50us"));
	NetDeviceContainer devices = wire.Install(nodes);
	InternetStackHelper stack;
	stack.Install(nodes);
	Ipv4AddressHelper addresses;
	addresses.SetBase("10.0.0.0", "255.255.255.0");
	Ipv4InterfaceContainer interfaces = addresses.Assign(devices);

	PacketSinkHelper sink("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 5001));
	ApplicationContainer receiver = sink.Install(nodes.Get(1));
	BulkSendHelper source("ns3::TcpSocketFactory", InetSocketAddress(interfaces.GetAddress(1), 5001));
	source.SetAttribute("MaxBytes", UintegerValue(bytes));
	source.SetAttribute("SendSize", UintegerValue(65536));
	source.Install(nodes.Get(0));

	const std::clock_t start = std::clock();
	Simulator::Stop(Seconds(3600));
	Simulator::Run();
	const double cpu = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
	const uint64_t got = DynamicCast<PacketSink>(receiver.Get(0))->GetTotalRx();
	const double segments = static_cast<double>(got) / 1460.0;
	std::printf("ns-3    %.0f bytes, %.0f segments, %.2f s, %.0f segments/s\n",
	            static_cast<double>(got), segments, cpu, segments / cpu);
	Simulator::Destroy();
	return got == bytes ? 0 : 1;
}
