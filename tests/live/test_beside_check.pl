# SPDX-License-Identifier: GPL-3.0-or-later
#
# beside_check.pl sees what it is there to see: captures made by hand, each with one fault.
# Usage: test_beside_check.pl CHECKER
use strict;
use warnings;
use File::Temp qw(tempdir);

my $checker = shift // die "usage: test_beside_check.pl CHECKER\n";
my $folder = tempdir(CLEANUP => 1);
my ($checks, $failures) = (0, 0);

# DATE, < or >, flags, sequence number, ACK, bytes, window; > is sent by the judged end, 10.0.0.1:7.
# Flags: 1 FIN, 2 SYN, 4 RST, 16 ACK.
my @open = ([0, '<', 2, 500, 0, 0, 8000], [0.001, '>', 18, 100, 501, 0, 8000],
	[0.002, '<', 16, 501, 101, 0, 8000]);
my @close = ([0.010, '>', 17, 201, 501, 0, 8000], [0.011, '<', 17, 501, 202, 0, 8000],
	[0.012, '>', 16, 202, 502, 0, 8000]);
my $data = [0.003, '>', 16, 101, 501, 100, 8000];
my $answer = [0.004, '<', 16, 501, 201, 0, 8000];

my @cases = (
	['', @open, $data, $answer, @close],
	['begins without a SYN', $data],
	['data behind its FIN', @open, $data, $answer, @close, [0.013, '>', 16, 202, 502, 5, 8000]],
	['a second FIN elsewhere', @open, $data, $answer, @close, [0.013, '>', 17, 202, 502, 0, 8000]],
	['a FIN before data', @open, $data, [0.004, '>', 17, 150, 501, 0, 8000]],
	['acknowledges what has not come', @open, [0.003, '>', 16, 101, 502, 100, 8000]],
	['takes back an acknowledgement', @open, [0.003, '>', 16, 101, 500, 100, 8000]],
	['beyond the window', @open, [0.003, '>', 16, 8001, 501, 200, 8000]],
	['a reset where there is no reason', @open, $data, [0.004, '>', 4, 201, 0, 0, 0]],
	["a reset with a number of nobody's", @open, [0.004, '>', 4, 99, 0, 0, 0]],
	['a reset answers a reset', @open, [0.003, '<', 4, 501, 0, 0, 0], [0.2, '>', 4, 101, 0, 0, 0]],
	['sends after its reset', @open, [0.003, '>', 4, 101, 0, 0, 0], [0.004, '>', 16, 101, 501, 9, 0]],
	['sends after a reset came', @open, [0.003, '<', 4, 501, 0, 0, 0],
		[0.2, '>', 16, 101, 501, 9, 0]],
	# The first wait ends with its timer, 0.2 s; the second may be twice as long, and a third four times.
	['', @open, $data, [0.204, '>', 16, 101, 501, 100, 8000], [0.61, '>', 16, 101, 501, 100, 8000],
		[0.611, '<', 16, 501, 201, 0, 8000], map { [1 + $_->[0], @$_[1 .. 6]] } @close],
	['silent for 0.897', @open, $data, [0.9, '>', 16, 101, 501, 100, 8000]],
	['silent for 0.897', @open, $data, [0.1, '<', 16, 501, 101, 0, 8000], [0.7, '<', 16, 500, 101, 0, 8000],
		[0.701, '>', 16, 201, 501, 0, 8000], [0.9, '>', 16, 101, 501, 100, 8000]],
	['silent for 1.4', @open, $data, [0.204, '>', 16, 101, 501, 100, 8000],
		[1.604, '>', 16, 101, 501, 100, 8000]],
	# On a machine that is late by 0.1 s the end takes what took 1 ms for 0.101 s, and waits for 0.6 s; not for 0.9.
	[['', 0.1], @open, $data, [0.6, '>', 16, 101, 501, 100, 8000], [0.611, '<', 16, 501, 201, 0, 8000],
		map { [1 + $_->[0], @$_[1 .. 6]] } @close],
	[['silent for 0.897', 0.1], @open, $data, [0.9, '>', 16, 101, 501, 100, 8000]],
	['silent for 4.9', @open, $data, $answer, $close[0], [5, '?']],
	['its FIN was not acknowledged', @open, $data, $answer, $close[0], [5, '?']],
	['is open yet', @open, $data, $answer, [5, '?']],
);

sub frame {
	my ($date, $way, $flags, $seq, $ack, $len, $win) = @_;
	return "\xff" x 60 if $way eq '?'; # not IP: the capture's end
	my ($sport, $dport, $from, $to) = (7, 40_000, "\x0a\0\0\1", "\x0a\0\0\2");
	($sport, $dport, $from, $to) = ($dport, $sport, $to, $from) if $way eq '<';
	my $tcp = pack 'nnNNCCnnn', $sport, $dport, $seq, $ack, 0x50, $flags, $win, 0, 0;
	my $ip = pack('CCnnnCCn', 0x45, 0, 40 + $len, 0, 0, 64, 6, 0) . $from . $to;
	return "\0" x 12 . "\x08\0" . $ip . $tcp . 'x' x $len;
}

sub write_capture {
	my ($path, @frames) = @_;
	open my $out, '>:raw', $path or die "$path: $!\n";
	print $out pack 'VvvVVVV', 0xa1b23c4d, 2, 4, 0, 0, 65_535, 1;
	for my $frame (@frames) {
		my ($date, $bytes) = ($frame->[0], frame(@$frame));
		print $out pack('VVVV', int $date, ($date - int $date) * 1e9, length $bytes, length $bytes), $bytes;
	}
}

for my $case (@cases) {
	my ($wanted, @frames) = @$case;
	my $lag = 0;
	($wanted, $lag) = @$wanted if ref $wanted;
	write_capture("$folder/x.pcap", @frames);
	my $said = qx($^X '$checker' '$folder/x.pcap' 10.0.0.1 0.2 $lag 2>&1);
	$checks++;
	next if $wanted eq '' ? $? == 0 : $? >> 8 == 1 && index($said, $wanted) >= 0;
	$failures++;
	print "wanted: '$wanted', said: $said";
}
print "Checks: $checks, Failures: $failures, Errors: 0\n";
exit($failures ? 1 : 0);
