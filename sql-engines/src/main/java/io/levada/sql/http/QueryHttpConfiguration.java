package io.levada.sql.http;

import io.levada.sql.QueryExecutor;
import io.levada.sql.QueryLimits;
import io.levada.sql.QueryObserver;
import io.levada.sql.QueryableTables;
import io.levada.sql.SelectGate;
import java.sql.SQLException;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/// Serves `/v1/queries` and `/v1/tables` over the [QueryableTables] of the context that imports this.
/// The context also has [QueryLimits] and a [QueryObserver].
@Configuration(proxyBeanMethods = false)
public class QueryHttpConfiguration {
    @Bean(destroyMethod = "close")
    SelectGate selectGate() throws SQLException {
        return SelectGate.open();
    }

    @Bean(destroyMethod = "close")
    QueryExecutor queryExecutor(QueryableTables tables, SelectGate gate, QueryLimits limits, QueryObserver observer) {
        return new QueryExecutor(tables, gate, limits, observer);
    }

    @Bean
    QueryApi queryApi(QueryExecutor executor) {
        return new QueryApi(executor);
    }

    @Bean
    TableApi tableApi(QueryableTables tables) {
        return new TableApi(tables);
    }

    @Bean
    ProblemAdvice problemAdvice() {
        return new ProblemAdvice();
    }
}
