// A blocking call, a contact file, a callback and an answer that is fetched, with JNA.
// Key, workspace and service come from TRILLET_API_KEY, TRILLET_WORKSPACE_ID and TRILLET_BASE_URL.
import com.sun.jna.*;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.regex.*;

public class Calls {
    public interface Done extends Callback { void invoke(Pointer user, long id, String answer); }
    public interface Trillet extends Library {
        Pointer trillet_client_new(String options, Pointer error);
        void trillet_client_free(Pointer client);
        Pointer trillet_call(Pointer client, String operation, String request, String options);
        Pointer trillet_csv_check(String csv, NativeLong length, String options);
        long trillet_submit(Pointer client, String operation, String request, String options,
                            Done done, Pointer user);
        Pointer trillet_next(Pointer client, int timeout, Pointer id);
        void trillet_free(Pointer text);
    }
    static final Trillet trillet = Native.load(System.getenv().getOrDefault("TRILLET_LIBRARY",
        "libtrillet.so.1"), Trillet.class, Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));

    static String member(String name, String json) {
        Matcher found = Pattern.compile("\"" + name + "\":(\\d+)").matcher(json);
        return found.find() ? found.group(1) : "none";
    }
    static String taken(Pointer text) {
        try { return text.getString(0, "UTF-8"); } finally { trillet.trillet_free(text); }
    }
    public static void main(String[] arguments) throws Exception {
        Pointer client = trillet.trillet_client_new(null, null);
        if (client == null) throw new Exception("no client: is TRILLET_API_KEY right?");
        String agents = taken(trillet.trillet_call(client, "agents.list", null, null));
        System.out.println("call: " + member("status", agents));
        String file = "phone_number\n+12025550164\n12\n";
        String checked = taken(trillet.trillet_csv_check(file, new NativeLong(file.length()), null));
        System.out.println("contacts: " + member("accepted", checked));
        // Runs on a thread of the library. The variable keeps it alive until its answer has come.
        var answer = new CompletableFuture<String>();
        Done done = (user, id, text) -> answer.complete(text);
        trillet.trillet_submit(client, "flows.list", null, null, done, null);
        System.out.println("done: " + member("status", answer.get()));
        trillet.trillet_submit(client, "agents.list", null, null, null, null);
        String next = taken(trillet.trillet_next(client, -1, null));
        System.out.println("next: " + member("status", next));
        trillet.trillet_client_free(client);
    }
}
