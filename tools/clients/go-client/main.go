// Signs in with golang.org/x/oauth2, which finds out by itself how the token endpoint wants the credentials, and lists
// the machine actions.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/oauth2/clientcredentials"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	config := clientcredentials.Config{
		ClientID:     os.Getenv("AZURE_CLIENT_ID"),
		ClientSecret: os.Getenv("AZURE_CLIENT_SECRET"),
		TokenURL:     os.Getenv("DEFENDER_AUTHORITY") + "/" + os.Getenv("AZURE_TENANT_ID") + "/oauth2/v2.0/token",
		Scopes:       []string{"https://api.securitycenter.microsoft.com/.default"},
	}
	answer, err := config.Client(context.Background()).Get(os.Getenv("DEFENDER_API_URL") + "/api/machineactions?$top=1")
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	var list struct {
		Value []struct {
			ID     string `json:"id"`
			Status string `json:"status"`
		} `json:"value"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		return err
	}
	if answer.StatusCode != 200 || len(list.Value) != 1 {
		return fmt.Errorf("the API answered %s with %d actions", answer.Status, len(list.Value))
	}
	fmt.Println(len(list.Value))
	return nil
}
