-- Customers whose name contains :nome, whatever the case.
SELECT cliente_id, nome, email, saldo, lancamentos, encomendas, gasto, tickets, ano, mes
FROM curated.clientes_unificados
WHERE contains(lower(nome), lower(:nome))
ORDER BY nome, cliente_id
