<?php
// A blocking call, a contact file, a callback and an answer that is fetched, with the FFI extension.
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
declare(strict_types=1);

$trillet = FFI::cdef(<<<'C'
    typedef const char *json;
    void *trillet_client_new(json options, char **error);
    void trillet_client_free(void *client);
    char *trillet_call(void *client, json operation, json request, json options);
    char *trillet_csv_check(json csv, size_t length, json options);
    uint64_t trillet_submit(void *client, json operation, json request, json options,
                            void (*done)(void *user_data, uint64_t id, json answer), void *user_data);
    int32_t trillet_drive(void *client, int32_t timeout_ms);
    char *trillet_next(void *client, int32_t timeout_ms, uint64_t *id);
    void trillet_free(char *text);
    C, getenv('TRILLET_LIBRARY') ?: 'libtrillet.so.1');

$taken = function (FFI\CData $text) use ($trillet): array {
    $answer = json_decode(FFI::string($text), true);
    $trillet->trillet_free($text);
    return $answer;
};
// PHP code may only run on the thread of its interpreter. With "caller" the callback runs inside
// trillet_drive, on this one. PHP ends when a callback throws: catch what may be thrown in it.
$client = $trillet->trillet_client_new('{"engine":"caller"}', null)
    ?? exit("no client: are TRILLET_API_KEY and TRILLET_BASE_URL right?\n");

echo 'call: ', $taken($trillet->trillet_call($client, 'agents.list', null, null))['status'], "\n";
$file = "phone_number\n+12025550164\n12\n";
$checked = $taken($trillet->trillet_csv_check($file, strlen($file), null));
echo "contacts: {$checked['data']['rows']['accepted']}\n";
$answer = null;
$done = function ($userData, $id, $text) use (&$answer): void { $answer = json_decode($text, true); };
$trillet->trillet_submit($client, 'flows.list', null, null, $done, null);
while ($answer === null) $trillet->trillet_drive($client, 1000);
echo "done: {$answer['status']}\n";
$trillet->trillet_submit($client, 'agents.list', null, null, null, null);
echo 'next: ', $taken($trillet->trillet_next($client, -1, null))['status'], "\n";
$trillet->trillet_client_free($client);
