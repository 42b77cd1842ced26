package io.levada.local;

import io.levada.definition.NamedQuery;
import io.levada.definition.PipelineDefinition;
import io.levada.sql.NamedParameters;
import java.io.PrintStream;
import java.util.stream.Stream;

/// What the user can do now that everything runs.
record ReadyNotice(PipelineDefinition definition, LocalPorts ports) {
    void print(PrintStream out) {
        out.println();
        out.println("Ready. Ctrl-C stops it; the same command goes on from where it stopped.");
        out.println();
        for (LevadaService service : LevadaService.values()) {
            out.println("  %-18s %s".formatted(service.label(), ports.url(service)));
        }
        out.println();
        String table = Stream.concat(definition.tables().keySet().stream(), Stream.of("raw.quarantine"))
                .findFirst()
                .orElseThrow();
        boolean usual = ports.first() == LocalPorts.DEFAULT_FIRST;
        out.println("Try, in another terminal:");
        out.println("  ./levada status" + (usual ? "" : " --url " + ports.url(LevadaService.QUERY)));
        out.println("  ./levada query \"SELECT * FROM " + table + " LIMIT 5\""
                + (usual ? "" : " --url " + ports.url(LevadaService.QUERY)));
        definition
                .queries()
                .values()
                .forEach(query -> out.println("  curl '" + ports.url(LevadaService.QUERY) + "/api/" + query.name()
                        + parameters(query) + "'"));
        definition
                .loads()
                .keySet()
                .forEach(target -> out.println("  ./levada query --warehouse \"SELECT * FROM " + target + " LIMIT 5\""
                        + (usual ? "" : " --url " + ports.url(LevadaService.WAREHOUSE))));
        out.println();
    }

    private static String parameters(NamedQuery query) {
        return NamedParameters.parse(query.sql()).names().stream()
                .distinct()
                .map(name -> name + "=...")
                .reduce((left, right) -> left + "&" + right)
                .map(all -> "?" + all)
                .orElse("");
    }
}
