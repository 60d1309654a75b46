// A blocking call, a contact file, a callback and an answer that is fetched, with JNA.
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
import com.sun.jna.*;
import java.util.concurrent.CompletableFuture;

public class Calls {
    public interface Done extends Callback { void invoke(Pointer user, long id, String answer); }
    static native Pointer trillet_client_new(String options, Pointer error);
    static native void trillet_client_free(Pointer client);
    static native Pointer trillet_call(Pointer client, String name, String json, String options);
    static native Pointer trillet_csv_check(String csv, NativeLong length, String options);
    static native long trillet_submit(Pointer client, String name, String json, String options,
                                      Done done, Pointer user);
    static native Pointer trillet_next(Pointer client, int timeout, Pointer id);
    static native void trillet_free(Pointer text);
    static { Native.register(System.getenv().getOrDefault("TRILLET_LIBRARY", "libtrillet.so.1")); }

    static String taken(Pointer text) {
        try { return text.getString(0, "UTF-8"); } finally { trillet_free(text); }
    }
    static void show(String what, String name, String json) {
        System.out.println(what + ": " + json.replaceAll("(?s).*?\"" + name + "\":(\\d+).*", "$1"));
    }
    public static void main(String[] arguments) throws Exception {
        Pointer client = trillet_client_new(null, null);
        if (client == null) throw new Exception("no client: is TRILLET_API_KEY right?");
        show("call", "status", taken(trillet_call(client, "agents.list", null, null)));
        String file = "phone_number\n+12025550164\n12\n";
        NativeLong length = new NativeLong(file.length());
        show("contacts", "accepted", taken(trillet_csv_check(file, length, null)));
        var answer = new CompletableFuture<String>();
        Done done = (user, id, text) -> answer.complete(text); // on a thread of the library
        trillet_submit(client, "flows.list", null, null, done, null);
        show("done", "status", answer.get());
        trillet_submit(client, "agents.list", null, null, null, null);
        show("next", "status", taken(trillet_next(client, -1, null)));
        trillet_client_free(client);
    }
}
