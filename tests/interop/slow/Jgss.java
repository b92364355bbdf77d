/* SPDX-License-Identifier: BSD-2-Clause */

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.ietf.jgss.ChannelBinding;
import org.ietf.jgss.GSSContext;
import org.ietf.jgss.GSSCredential;
import org.ietf.jgss.GSSException;
import org.ietf.jgss.GSSManager;
import org.ietf.jgss.GSSName;
import org.ietf.jgss.MessageProp;
import org.ietf.jgss.Oid;

/**
 * JGSS (RFC 8353) by the C library. "server SERVICE" prints its port; "client PORT SERVICE" prints a line for each kind of
 * context, then how many threads' contexts were good, and that faults which the machine takes for itself still reach it.
 * Frames are a length and octets; the first says the kind: spnego, delegate, export, bind.
 */
public class Jgss {
    static final GSSManager manager = GSSManager.getInstance();
    static final int MESSAGES = 3, THREADS = 16, CONTEXTS = 100;

    static Oid mechanism(String kind) throws GSSException {
        return new Oid(kind.contains("spnego") ? "1.3.6.1.5.5.2" : "1.2.840.113554.1.2.2");
    }

    /** A connection. */
    record Peer(Socket socket, DataInputStream in, DataOutputStream out) {
        Peer(Socket s) throws IOException {
            this(s, new DataInputStream(s.getInputStream()), new DataOutputStream(s.getOutputStream()));
            s.setTcpNoDelay(true);
        }

        byte[] read() throws IOException {
            return in.readNBytes(in.readInt());
        }

        void write(byte[] octets) throws IOException {
            out.writeInt(octets.length);
            out.write(octets);
            out.flush();
        }
    }

    static void serve(Peer peer, GSSName service) {
        try (peer.socket) {
            String kind = new String(peer.read());
            GSSCredential keys = manager.createCredential(service, GSSCredential.INDEFINITE_LIFETIME, mechanism(kind),
                    GSSCredential.ACCEPT_ONLY);
            GSSContext context = manager.createContext(keys);
            if (kind.contains("bind"))
                context.setChannelBinding(new ChannelBinding("channel 1".getBytes()));
            while (!context.isEstablished()) {
                byte[] token = peer.read();
                byte[] answer = context.acceptSecContext(token, 0, token.length);
                if (answer != null)
                    peer.write(answer);
            }
            String seen = "client " + context.getSrcName() + " conf " + context.getConfState();
            if (context.getCredDelegState())
                seen += " delegated " + context.getDelegCred().getName();
            if (kind.contains("export"))
                context = manager.createContext(context.export());
            for (int i = 0; i < MESSAGES; i++) {
                MessageProp quality = new MessageProp(0, true);
                byte[] token = peer.read(), message = context.unwrap(token, 0, token.length, quality);
                if (!quality.getPrivacy())
                    throw new GSSException(GSSException.BAD_QOP);
                peer.write(context.wrap(message, 0, message.length, quality));
                peer.write(context.getMIC(message, 0, message.length, quality));
            }
            peer.write(seen.getBytes());
            context.dispose();
            keys.dispose();
        } catch (GSSException | IOException e) {
            System.out.println("refused: " + e.getMessage());
        }
    }

    static String connect(int port, GSSName service, String kind, String channel) throws GSSException, IOException {
        Peer peer = new Peer(new Socket(InetAddress.getLoopbackAddress(), port));
        GSSContext context = manager.createContext(service, mechanism(kind), null, GSSContext.DEFAULT_LIFETIME);
        byte[] token = new byte[0], message = new byte[10000];
        peer.write(kind.getBytes());
        context.requestMutualAuth(true);
        context.requestConf(true);
        context.requestCredDeleg(kind.contains("delegate"));
        if (kind.contains("bind"))
            context.setChannelBinding(new ChannelBinding(channel.getBytes()));
        try (peer.socket) {
            while (!context.isEstablished()) {
                token = context.initSecContext(token, 0, token.length);
                if (token != null)
                    peer.write(token);
                if (!context.isEstablished())
                    token = peer.read();
            }
            Arrays.fill(message, (byte) kind.length());
            for (int i = 0; i < MESSAGES; i++) {
                MessageProp quality = new MessageProp(0, true);
                peer.write(context.wrap(message, 0, message.length, quality));
                byte[] answer = peer.read(), mic = peer.read();
                if (!Arrays.equals(context.unwrap(answer, 0, answer.length, quality), message))
                    return "another message";
                context.verifyMIC(mic, 0, mic.length, message, 0, message.length, quality);
            }
            return new String(peer.read()) + " server " + context.getTargName();
        } finally {
            context.dispose();
        }
    }

    static int overflow(int depth) {
        return overflow(depth + 1) + 1;
    }

    static int first(int[] numbers) {
        return numbers[0];
    }

    /** The machine notices both by a SIGSEGV of its own. */
    static String faults() {
        int overflows = 0, nulls = 0;
        for (int i = 0; i < 10; i++)
            try {
                overflow(0);
            } catch (StackOverflowError e) {
                overflows++;
            }
        for (int i = 0; i < 100000; i++)
            try {
                first(i % 10 == 0 ? null : new int[1]);
            } catch (NullPointerException e) {
                nulls++;
            }
        return overflows + " overflows, " + nulls + " null pointers";
    }

    public static void main(String[] arguments) throws Exception {
        GSSName service = manager.createName(arguments[arguments.length - 1], GSSName.NT_HOSTBASED_SERVICE);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        if (arguments[0].equals("server")) {
            try (ServerSocket listener = new ServerSocket(0, CONTEXTS, InetAddress.getLoopbackAddress())) {
                System.out.println("port " + listener.getLocalPort());
                while (true) {
                    Peer peer = new Peer(listener.accept());
                    threads.submit(() -> serve(peer, service));
                }
            }
        }
        int port = Integer.parseInt(arguments[1]), good = 0;
        for (String kind : new String[] {"krb5", "spnego", "delegate", "spnego delegate", "export", "spnego export", "bind"})
            System.out.println(kind + ": " + connect(port, service, kind, "channel 1"));
        try {
            System.out.println("another channel: " + connect(port, service, "bind", "channel 2"));
        } catch (GSSException | IOException e) {
            System.out.println("another channel: refused");
        }
        ArrayList<Future<String>> contexts = new ArrayList<>();
        for (int i = 0; i < CONTEXTS; i++) {
            String kind = (i % 2 == 0 ? "spnego" : "") + (i % 3 == 0 ? " delegate" : "");
            contexts.add(threads.submit(() -> faults() + connect(port, service, kind, "")));
        }
        for (Future<String> context : contexts)
            if (context.get().contains("client "))
                good++;
        System.out.println("threads: " + good);
        System.out.println("faults: " + faults());
        threads.shutdown();
    }
}
