# MediaWiki::Bot: tries a refused login twice; its logout sends no token, by GET, and so does not log out.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Flow;
use MediaWiki::Bot qw(:constants);

# It warns that the connection is not encrypted, and that the account is no bot's.
local $SIG{__WARN__} = sub { };

my ($host, $path) = wiki('API') =~ m{\Ahttp://([^/]+)/(.*)/api\.php\z} or die 'not the URL of an api.php: ' . wiki('API');
my $bot = MediaWiki::Bot->new({ protocol => 'http', host => $host, path => $path, agent => 'bouncehandlerd client tests' });
my $api = $bot->{api};

sub ask {
    my ($query) = @_;
    return $api->api($query) // die "$api->{error}->{code}: $api->{error}->{details}";
}

sub expect_error {
    my ($sentence, $query, $code, $text) = @_;
    $api->{error} = {};
    my $answer = $api->api($query);
    expect($sentence, [ $answer, $api->{error}->{code} + 0, $api->{error}->{details} =~ /\A(\w+: [^\n]*?)(?: at \S+ line |\n|\z)/ ],
        [ undef, ERR_API, "$code: $text" ]);
    return;
}

sub stranger { return exists ask({ action => 'query', meta => 'userinfo' })->{query}->{userinfo}->{anon} }

expect('a stranger is anonymous', stranger() ? 1 : 0, 1);
expect_site(ask({ action => 'query', meta => 'siteinfo' })->{query}->{general});
expect('the version is read', $bot->get_mw_version()->{major}, '1');
my %namespaces = $bot->get_namespace_names();
expect('siteinfo names the namespaces', [ @namespaces{ 0, 1, 2, 10 } ], [ '', 'Talk', 'User', 'Template' ]);

my $failed = $bot->login({ username => wiki('APP'), password => 'not' . wiki('APP_PASSWORD') });
expect('a wrong password is a failed login', $failed ? 1 : 0, 0);
my $login = $bot->login({ username => wiki('APP'), password => wiki('APP_PASSWORD') });
expect('the bot password logs in', $login ? 1 : 0, 1);
expect('the user is known by name', $bot->_whoami(), wiki('USER'));
expect('the user is in the groups', scalar(grep { $_ eq 'user' } $bot->usergroups(wiki('USER'))), 1);
expect_token("a user's token", ($bot->_get_edittoken())[0]);

expect('a bounce becomes a job', ask({ action => 'bouncehandler', email => bounce() }), { bouncehandler => { submitted => 'job' } });
expect('a mail to somebody else is a failure', ask({ action => 'bouncehandler', email => refused() }),
    { bouncehandler => { submitted => 'failure' } });
expect_error('no mail is an error of the API', { action => 'bouncehandler' }, 'missingparam', says('MISSINGPARAM'));
expect_error('an unknown action is an error of the API', { action => 'nosuchaction' }, 'badvalue', says('BADVALUE'));
{
    local $api->{config}->{get_actions}->{bouncehandler} = 1;
    expect_error('GET is an error of the API', { action => 'bouncehandler', email => 'x' }, 'mustbeposted', says('MUSTBEPOSTED'));
}

$bot->logout();
expect('logout without a token leaves the user logged in', $bot->_whoami(), wiki('USER'));
$api->{config}->{use_http_get} = 0;
expect('logout with the token', ask({ action => 'logout', token => ($bot->_get_edittoken())[0] }), {});
expect('after logout the client is a stranger again', stranger() ? 1 : 0, 1);
end(1);
