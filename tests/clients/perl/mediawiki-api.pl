# MediaWiki::API: everything by POST, except where a GET is asked for; errors are a code of the library's own and a text.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Flow;
use MediaWiki::API;

use constant { ERR_API => 3, ERR_LOGIN => 4 };

my $mw = MediaWiki::API->new({ api_url => wiki('API') });

sub ask {
    my ($query) = @_;
    return $mw->api($query) // die "$mw->{error}->{code}: $mw->{error}->{details}";
}

sub userinfo { return ask({ action => 'query', meta => 'userinfo', uiprop => 'groups|rights' })->{query}->{userinfo} }
sub csrf     { return ask({ action => 'query', meta => 'tokens', type => 'csrf' })->{query}->{tokens}->{csrftoken} }

# Reports whether a request is refused as it should be. The library forgets an earlier error only when asked to.
sub expect_error {
    my ($sentence, $query, $code, $text) = @_;
    $mw->{error} = {};
    my $answer = $mw->api($query);
    expect($sentence, [ $answer, $mw->{error}->{code} + 0, $mw->{error}->{details} =~ /\A(\w+: [^\n]*?)(?: at \S+ line |\n|\z)/ ],
        [ undef, ERR_API, "$code: $text" ]);
    return;
}

my $stranger = userinfo();
expect('a stranger is anonymous', [ $stranger->{id}, $stranger->{anon} ], [ 0, '' ]);
my $site = ask({ action => 'query', meta => 'siteinfo', siprop => 'general|namespaces' })->{query};
expect_site($site->{general});
expect('siteinfo names the namespaces', [ map { $site->{namespaces}->{$_}->{'*'} } 0, 1, 2, 10 ],
    [ '', 'Talk', 'User', 'Template' ]);
expect("a stranger's token", csrf(), STRANGERS_TOKEN);

my $failed = $mw->login({ lgname => wiki('APP'), lgpassword => 'not' . wiki('APP_PASSWORD') });
expect('a wrong password is an error of login', [ $failed, $mw->{error}->{code} + 0 ], [ undef, ERR_LOGIN ]);

my $login = $mw->login({ lgname => wiki('APP'), lgpassword => wiki('APP_PASSWORD') });
expect('the bot password logs in', [ @{$login}{qw(result lgusername)} ], [ 'Success', wiki('USER') ]);
my $user = userinfo();
expect('the user is known by name', [ $user->{name}, $user->{anon}, scalar(grep { $_ eq 'user' } @{ $user->{groups} }) ],
    [ wiki('USER'), undef, 1 ]);
expect_token("a user's token", csrf());

expect('a bounce becomes a job', ask({ action => 'bouncehandler', email => bounce() }), { bouncehandler => { submitted => 'job' } });
expect('a mail to somebody else is a failure', ask({ action => 'bouncehandler', email => refused() }),
    { bouncehandler => { submitted => 'failure' } });
expect_error('no mail is an error of the API', { action => 'bouncehandler' }, 'missingparam', says('MISSINGPARAM'));
expect_error('an unknown action is an error of the API', { action => 'nosuchaction' }, 'badvalue', says('BADVALUE'));
{
    local $mw->{config}->{use_http_get} = 1;
    local $mw->{config}->{get_actions}->{bouncehandler} = 1;
    expect_error('GET is an error of the API', { action => 'bouncehandler', email => 'x' }, 'mustbeposted', says('MUSTBEPOSTED'));
}

expect('logout with the token', ask({ action => 'logout', token => csrf() }), {});
expect('after logout the client is a stranger again', userinfo()->{anon}, '');
end(1);
