#!/usr/bin/perl
# One SMPP connection at a time, by Net::SMPP: `perl peer.pl listen` or `perl peer.pl connect PORT`.
# Reads {"do": PDU, "fields": {...}} line by line and sends that PDU as the library encodes it;
# writes each PDU that the library decoded as {"event": PDU, ...}. Requests are answered at once.
# Texts go through Perl's own Encode: what GSM 03.38 and UCS-2 say is its opinion too.
use strict;
use warnings;

use Encode qw(decode encode);
use IO::Select;
use JSON::PP;
use Net::SMPP;

my ($mode, $port) = @ARGV;
my $json = JSON::PP->new->canonical->ascii;
my %alphabets = (0 => 'gsm0338', 3 => 'latin1', 8 => 'UTF-16BE');
my %commands = map { Net::SMPP->can("CMD_$_")->() => $_ } qw(
    generic_nack bind_receiver bind_receiver_resp bind_transmitter bind_transmitter_resp
    bind_transceiver bind_transceiver_resp submit_sm submit_sm_resp deliver_sm deliver_sm_resp
    submit_multi_resp query_sm_resp cancel_sm_resp replace_sm_resp
    enquire_link enquire_link_resp unbind unbind_resp);
my @numbers = qw(message_state sc_interface_version);
my @strings = qw(receipted_message_id additional_status_info_text);
my ($listener, $session);
my $select = IO::Select->new(\*STDIN);
my $message_ids = 0x7e710000;
my $input = '';

$| = 1;

sub tell_event {
    my ($event, %fields) = @_;
    print $json->encode({event => $event, %fields}), "\n";
}

sub text_of {
    my ($pdu) = @_;
    return () if !defined $pdu->{short_message};
    my ($octets, $header) = ($pdu->{short_message}, '');
    if ($pdu->{esm_class} & Net::SMPP::ESM_feature_UDHI) {
        my $size = ord $octets;
        $header = substr $octets, 1, $size;
        $octets = substr $octets, 1 + $size;
    }
    my $alphabet = $alphabets{$pdu->{data_coding}} // 'latin1';
    return (text => decode($alphabet, $octets), udh => unpack('H*', $header));
}

sub tell_pdu {
    my ($name, $pdu) = @_;
    my %fields = map { $_ => $pdu->{$_} } grep { !/^\d+$/ && defined $pdu->{$_} } keys %$pdu;
    delete @fields{qw(data short_message cmd seq reserved known_pdu)};
    $fields{$_} = unpack 'C', $fields{$_} # a TLV; a mandatory field is a number already
        for grep { defined $fields{$_} && $name ne 'query_sm_resp' } @numbers;
    $fields{$_} = unpack 'Z*', $fields{$_} for grep { defined $fields{$_} } @strings;
    tell_event($name, %fields, sequence => $pdu->{seq}, text_of($pdu));
}

# The id that a submit_sm is answered with goes into its event too.
sub answer {
    my ($name, $pdu) = @_;
    my $method = "${name}_resp";
    my @fields = (seq => $pdu->{seq});
    push @fields, system_id  => 'perl-smsc' if $name =~ /^bind_/;
    push @fields, message_id => $pdu->{message_id} if $name eq 'submit_sm';
    push @fields, message_id => '' if $name eq 'deliver_sm';
    $session->$method(@fields);
}

sub hear {
    # That the other side hung up is told as an event, so the library's warning says nothing new.
    local $SIG{__WARN__} = sub { warn @_ if $_[0] !~ /^premature eof/ };
    my $pdu = $session->read_pdu();
    if (!$pdu) {
        leave();
        return;
    }
    my $name = $commands{$pdu->{cmd}} // sprintf 'command %08x', $pdu->{cmd};
    $pdu->{message_id} = sprintf '%x', $message_ids++ if $name eq 'submit_sm';
    tell_pdu($name, $pdu);
    answer($name, $pdu) if $name !~ /_resp$|^generic_nack$/;
    leave() if $name =~ /^unbind/;
}

sub leave {
    $select->remove($session);
    close $session;
    $session = undef;
    tell_event('closed');
}

sub obey {
    my ($order) = @_;
    my ($method, %fields) = ($order->{do}, %{$order->{fields}});
    if (exists $fields{short_message}) {
        my $alphabet = $alphabets{$fields{data_coding} // 0};
        $fields{short_message} = encode($alphabet, $fields{short_message});
    }
    $fields{$_} = pack 'C', $fields{$_} for grep { exists $fields{$_} } @numbers;
    $fields{$_} = pack 'Z*', $fields{$_} for grep { exists $fields{$_} } @strings;
    $session->$method(%fields);
}

# Octets and not lines: select knows nothing of what a buffer of Perl's holds.
sub read_orders {
    exit 0 if !sysread STDIN, $input, 65536, length $input;
    while ($input =~ s/^(.*)\n//) {
        obey(decode_json($1));
    }
}

sub adopt {
    ($session) = @_;
    $select->add($session);
}

if ($mode eq 'listen') {
    $listener = Net::SMPP->new_listen('127.0.0.1', port => 0, async => 1) or die "listen: $!";
    $select->add($listener);
    tell_event('listening', port => $listener->sockport);
} else {
    my $connection = Net::SMPP->new_connect('127.0.0.1', port => $port, async => 1)
        or die "connect: $!";
    adopt($connection);
    tell_event('connected');
}
while (my @ready = $select->can_read) {
    for my $handle (@ready) {
        if ($handle == \*STDIN) {
            read_orders();
        } elsif ($listener && $handle == $listener) {
            adopt(scalar $listener->accept);
        } elsif ($session && $handle == $session) {
            hear();
        }
    }
}
